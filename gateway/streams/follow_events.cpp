#include "gateway/streams/follow_events.hpp"

#include "domain/base/errors.hpp"
#include "gateway/events/event_filter.hpp"
#include "gateway/events/kept_position.hpp"
#include "gateway/http/text.hpp"
#include "gateway/limits/client_address.hpp"
#include "gateway/streams/streams.hpp"

#include <algorithm>
#include <optional>

namespace waybill::http {

namespace {

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

/// Ends the stream when the account or key of the caller has lost the right to some of its events: the client connects
/// again and gets what it may see, or is refused.
std::shared_ptr<const caller_watch::listener> watch_caller(const std::shared_ptr<event_sink>& sink, context& ctx,
                                                           const request& req, const event_filter& shown) {
  if (!req.caller.authenticated)
    return nullptr;
  return ctx.callers().add(req.caller.id,
                           [weak = std::weak_ptr{sink}, viewer = req.caller, shown](std::optional<role_set> roles) {
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

} // namespace

task<void> check_subscription(context& ctx, const request& req) {
  co_await read_subscription(ctx, req);
}

task<void> follow_events(std::shared_ptr<event_sink> to, context& ctx, const request& req) {
  const auto permit = ctx.admit_subscriber();
  if (!permit)
    throw to_problem({ec::overloaded, {}});
  auto query = co_await read_subscription(ctx, req);
  query.limit = feed_page_size;
  query.asker = asker_of(req);
  const counted subscriber{ctx.metrics().subscribers};
  const auto start = query.from_earliest ? std::nullopt : std::optional{query.after};
  co_await to->begin(start);
  const auto watched = watch_caller(to, ctx, req, query.filter);
  while (!to->closing() && (!req.caller.until || now() < *req.caller.until)) {
    query.wait = std::min(ctx.config().heartbeat, time_left(req.caller));
    const auto page = co_await ctx.ask_for<feed_page>(ctx.services().feed, query, no_timeout);
    if (page) {
      query.after = page->next;
      query.from_earliest = false;
      co_await to->send(*page);
    } else if (page.error().code == ec::cursor_expired) {
      const auto reason = to_problem(page.error());
      co_await to->fail(reason);
      co_return;
    } else {
      const feed_page nothing;
      co_await to->send(nothing);
      timer pause{ctx.io(), feed_pause};
      co_await pause.async_wait(use_task);
    }
  }
}

} // namespace waybill::http
