#include "gateway/event_query.hpp"
#include "gateway/session.hpp"
#include "gateway/streaming.hpp"
#include "gateway/views.hpp"
#include "gateway/wire.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>

#include <algorithm>
#include <array>

/// Server-Sent Events (https://html.spec.whatwg.org/multipage/server-sent-events.html).
namespace waybill::http {

namespace {

/// Clients that lost the connection come back after so many milliseconds.
constexpr std::string_view greeting = "retry: 1000\n\n";
constexpr std::string_view sign_of_life = ": alive\n\n";

/// Where to begin: Last-Event-ID, which a browser sends when it comes back, before `after`; now when there is none.
std::optional<log_position> read_start(query_reader& from, const request& req) {
  const auto* after = from.find("after");
  auto text = trim(req.header("Last-Event-ID"));
  if (text.empty() && after)
    text = *after;
  if (text.empty() || text == "latest")
    return std::nullopt;
  const auto at = parse_log_position(text);
  if (!at)
    from.complain("after", "is not a position in the log");
  return at;
}

/// Ends the stream when the client has gone, which shows as the end of what it sends.
task<void> watch_client(std::shared_ptr<session> on) {
  std::array<char, 512> rest{};
  error_code error;
  while (!error)
    co_await on->stream().async_read_some(net::buffer(rest), net::redirect_error(use_task, error));
  on->stop();
}

/// Until the token ends: then the client comes back with a new one, where it was.
milliseconds time_left(const caller& who) {
  constexpr milliseconds shortest{1};
  if (!who.until)
    return milliseconds::max();
  return std::max(std::chrono::duration_cast<milliseconds>(*who.until - now()), shortest);
}

std::string to_sse(const feed_page& page) {
  std::string text;
  for (const auto& event : page.events)
    text += "id: " + to_string(event->position) + "\ndata: " + text_of(write_event, *event) + "\n\n";
  return text.empty() ? std::string{sign_of_life} : text;
}

} // namespace

task<void> serve_events(session& on, const request& req) {
  auto& w = on.home();
  query_reader from{req};
  read_feed wanted;
  wanted.filter = read_event_filter(from, req.who);
  const auto start = read_start(from, req);
  from.finish();
  if (!w.takes_subscriber())
    throw to_problem({ec::overloaded, {}});
  if (start)
    wanted.after = *start;
  else
    wanted.after = co_await w.query<log_position>(req, w.services().reader, get_log_end{});
  wanted.limit = feed_page_size;
  wanted.wait = w.config().heartbeat;
  on.become_stream();
  const subscriber_count counted{w.metrics()};
  const auto head = stream_head(req, w.config()) + std::string{greeting};
  co_await on.write(head);
  net::co_spawn(w.io(), watch_client(on.shared_from_this()), net::detached);
  while (!on.closing() && (!req.who.until || now() < *req.who.until)) {
    wanted.wait = std::min(w.config().heartbeat, time_left(req.who));
    const auto page = co_await ask<feed_page>(w.way(), w.services().feed, no_timeout, wanted);
    if (page) {
      wanted.after = page->next;
      const auto text = to_sse(*page);
      co_await on.write(text);
    } else {
      co_await on.write(sign_of_life);
      timer pause{w.io(), feed_pause};
      co_await pause.async_wait(use_task);
    }
  }
}

} // namespace waybill::http
