#include "domain/base/errors.hpp"
#include "gateway/routes/orders/order_views.hpp"
#include "gateway/streams/event_query.hpp"
#include "gateway/streams/streaming.hpp"
#include "gateway/transport/connection.hpp"
#include "gateway/transport/wire.hpp"

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

/// Where to begin: Last-Event-ID, which a browser sends when it comes back, before `after`. False: with what comes from
/// now on.
bool read_start(query_reader& from, const request& req, read_feed& wanted) {
  const auto* after = from.find("after");
  auto text = trim(req.header("Last-Event-ID"));
  if (text.empty() && after)
    text = *after;
  if (text.empty() || text == latest)
    return false;
  wanted.from_earliest = text == earliest;
  if (wanted.from_earliest)
    return true;
  if (const auto at = parse_log_position(text))
    wanted.after = *at;
  else
    from.complain("after", "is not a position in the log");
  return true;
}

/// Throws the problem `cursor_expired` when events behind `after` were removed, while there is still an answer to give.
task<void> require_kept(worker& w, const request& req, log_position after) {
  const read_log nothing{after, {}, 0};
  co_await w.query<log_page>(req, w.services().reader, nothing);
}

/// Whoever was overtaken by the removal of old events is told so: to go on would be to skip some without a word.
std::string farewell(const request& req, const problem& why) {
  return "event: error\ndata: "
         + to_json(why, std::string_view{req.target}.substr(0, req.target.find('?')), req.request_id) + "\n\n";
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
  const bool from_there = read_start(from, req, wanted);
  from.finish();
  if (!w.takes_subscriber())
    throw to_problem({ec::overloaded, {}});
  if (!from_there)
    wanted.after = co_await w.query<log_position>(req, w.services().reader, get_log_end{});
  else if (!wanted.from_earliest)
    co_await require_kept(w, req, wanted.after);
  wanted.limit = feed_page_size;
  wanted.wait = w.config().heartbeat;
  on.become_stream();
  const subscriber_count counted{w.metrics()};
  const auto head = stream_head(req, w.config()) + std::string{greeting};
  co_await on.write(head);
  net::co_spawn(w.io(), watch_client(on.shared_from_this()), net::detached);
  while (!on.closing() && (!req.who.until || now() < *req.who.until)) {
    wanted.wait = std::min(w.config().heartbeat, time_left(req.who));
    const auto page = co_await ask<feed_page>(w.bridge_handle(), w.services().feed, no_timeout, wanted);
    if (page) {
      wanted.after = page->next;
      wanted.from_earliest = false;
      const auto text = to_sse(*page);
      co_await on.write(text);
    } else if (page.error().code == ec::cursor_expired) {
      const auto text = farewell(req, to_problem(page.error()));
      co_await on.write(text);
      co_return;
    } else {
      co_await on.write(sign_of_life);
      timer pause{w.io(), feed_pause};
      co_await pause.async_wait(use_task);
    }
  }
}

} // namespace waybill::http
