#include "domain/base/errors.hpp"
#include "gateway/events/event_filter.hpp"
#include "gateway/events/event_json.hpp"
#include "gateway/http/answer_text.hpp"
#include "gateway/http/text.hpp"
#include "gateway/limits/client_address.hpp"
#include "gateway/streams/streams.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include <algorithm>
#include <memory>
#include <optional>

/// Server-Sent Events (https://html.spec.whatwg.org/multipage/server-sent-events.html).
namespace waybill::http {

namespace {

/// Tells clients to connect again a second after they lost the connection.
constexpr std::string_view greeting = "retry: 1000\n\n";
/// A comment, so that client and proxies see that a quiet stream is alive.
constexpr std::string_view heartbeat = ": alive\n\n";

/// Reads where to begin: Last-Event-ID, which a browser sends when it connects again, before `after`. False: with new
/// events only.
bool read_start(query_reader& from, const request& req, read_feed& query) {
  const auto* after = from.find("after");
  auto text = trim(req.header(field::last_event_id));
  if (text.empty() && after)
    text = *after;
  if (text.empty() || text == latest)
    return false;
  query.from_earliest = text == earliest;
  if (query.from_earliest)
    return true;
  if (const auto position = parse_log_position(text))
    query.after = *position;
  else
    from.complain("after", "is not a position in the log");
  return true;
}

/// Throws the problem `cursor_expired` when events after `position` have been removed, while an error can still be
/// answered.
task<void> require_kept(context& ctx, const request& req, log_position position) {
  const read_log nothing{position, {}, 0};
  co_await ctx.query<log_page>(req, ctx.services().reader, nothing);
}

/// What is subscribed to, and from where. Throws a problem while an error can still be answered.
task<read_feed> read_subscription(context& ctx, const request& req) {
  query_reader from{req};
  read_feed query;
  query.filter = read_event_filter(from, req.caller);
  const bool from_position = read_start(from, req, query);
  from.finish();
  if (!from_position)
    query.after = co_await ctx.query<log_position>(req, ctx.services().reader, get_log_end{});
  else if (!query.from_earliest)
    co_await require_kept(ctx, req, query.after);
  co_return query;
}

/// Tells a client that events which it has not seen have been removed: going on would skip them silently.
std::string error_event(const request& req, const problem& error) {
  return "event: error\ndata: " + to_json(error, req.path(), req.request_id) + "\n\n";
}

/// Ends the stream when the client has gone.
task<void> watch_client(std::shared_ptr<stream_connection> connection) {
  co_await connection->read_to_end();
  connection->stop();
}

/// Ends the stream when the account or key of the caller has lost the right to some of its events: the client connects
/// again and gets what it may see, or is refused.
std::shared_ptr<const caller_watch::listener> watch_caller(const std::shared_ptr<stream_connection>& connection,
                                                           context& ctx, const request& req,
                                                           const event_filter& shown) {
  if (!req.caller.authenticated)
    return nullptr;
  return ctx.callers().add(
    req.caller.id, [weak = std::weak_ptr{connection}, viewer = req.caller, shown](std::optional<role_set> roles) {
      auto now_sees = viewer;
      now_sees.roles = viewer.roles & roles.value_or(role_set::none);
      auto allowed = shown;
      narrow(allowed, now_sees);
      if (const auto open = weak.lock(); open && (!roles || allowed != shown))
        open->stop();
    });
}

/// Until the token ends: then the client connects again with a new one and continues where it was.
milliseconds time_left(const caller& viewer) {
  constexpr milliseconds shortest{1};
  if (!viewer.until)
    return milliseconds::max();
  return std::max(std::chrono::duration_cast<milliseconds>(*viewer.until - now()), shortest);
}

std::string to_sse(const feed_page& page) {
  std::string text;
  for (const auto& event : page.events)
    text += "id: " + to_string(event->position) + "\ndata: " + to_json(*event) + "\n\n";
  return text.empty() ? std::string{heartbeat} : text;
}

} // namespace

task<response> describe_events(context& ctx, const request& req) {
  co_await read_subscription(ctx, req);
  response head;
  head.content_type = "text/event-stream";
  head.set("X-Accel-Buffering", "no");
  head.endless = true;
  co_return head;
}

task<void> serve_events(std::shared_ptr<stream_connection> connection, context& ctx, const request& req) {
  const auto permit = ctx.admit_subscriber();
  if (!permit)
    throw to_problem({ec::overloaded, {}});
  auto query = co_await read_subscription(ctx, req);
  query.limit = feed_page_size;
  query.asker = asker_of(req);
  connection->become_stream({});
  const counted subscriber{ctx.metrics().subscribers};
  const auto head = stream_head(req, ctx.config()) + std::string{greeting};
  co_await connection->write(head);
  const auto watched = watch_caller(connection, ctx, req, query.filter);
  net::co_spawn(ctx.io(), watch_client(connection), net::detached);
  while (!connection->closing() && (!req.caller.until || now() < *req.caller.until)) {
    query.wait = std::min(ctx.config().heartbeat, time_left(req.caller));
    const auto page = co_await ctx.ask_for<feed_page>(ctx.services().feed, query, no_timeout);
    if (page) {
      query.after = page->next;
      query.from_earliest = false;
      const auto text = to_sse(*page);
      co_await connection->write(text);
    } else if (page.error().code == ec::cursor_expired) {
      const auto text = error_event(req, to_problem(page.error()));
      co_await connection->write(text);
      co_return;
    } else {
      co_await connection->write(heartbeat);
      timer pause{ctx.io(), feed_pause};
      co_await pause.async_wait(use_task);
    }
  }
}

} // namespace waybill::http
