#include "gateway/events/event_filter.hpp"
#include "gateway/events/event_json.hpp"
#include "gateway/events/history_cursor.hpp"
#include "gateway/events/kept_position.hpp"
#include "gateway/http/reading.hpp"
#include "gateway/limits/client_address.hpp"
#include "gateway/routes/handlers.hpp"
#include "gateway/routes/orders/order_support.hpp"
#include "messages/journal/event_feed.hpp"

#include <memory>
#include <string>
#include <utility>

// Pages of the event log.

namespace waybill::http::routes::events {

namespace {

const stored_event& event_of(const stored_event& event) {
  return event;
}
const stored_event& event_of(const std::shared_ptr<const stored_event>& event) {
  return *event;
}

/// Reads `after`, whose positions `parse` puts into the query, and `limit`. True when what comes from now on is asked
/// for. Without a position, a page begins with the oldest event that is kept: no event before it can be missed.
template <class Query, class Parse>
bool read_place(query_reader& from, Query& query, Parse parse) {
  const auto* after = from.find("after");
  query.limit = from.limit();
  query.from_earliest = !after || *after == earliest;
  const bool from_latest = after && *after == latest;
  if (!query.from_earliest && !from_latest && !parse(*after))
    from.complain("after", "is not a position in the log");
  from.finish();
  return from_latest;
}

template <class Page>
std::string items_of(const Page& page) {
  json_writer items;
  items.begin_array();
  for (const auto& event : page.events)
    items.raw(to_json(event_of(event)));
  items.end_array();
  return items.take();
}

task<log_position> end_of_log(context& ctx, const request& req) {
  co_return co_await ctx.query<log_position>(req, ctx.services().reader, get_log_end{});
}

} // namespace

task<response> list(context& ctx, const request& req) {
  query_reader from{req};
  // In turn with others: it may look at many events to find few.
  read_feed query;
  query.filter = read_event_filter(from, req.caller);
  query.asker = asker_of(req);
  const bool from_latest = read_place(from, query, [&](const std::string& text) {
    const auto position = parse_log_position(text);
    query.after = position.value_or(log_position{});
    return position.has_value();
  });
  // A page may be short, even empty, long before the end of the log: it is the last one only if it reached the end.
  const auto end = co_await end_of_log(ctx, req);
  // Who asks for what comes from now on gets the place to ask from.
  if (from_latest)
    co_return log_response(req, "[]", to_string(end), "after");
  if (!query.from_earliest)
    co_await require_kept(ctx, req, query.after);
  const auto page = co_await ctx.query<feed_page>(req, ctx.services().feed, query);
  const bool complete = page.next >= end || page.next == query.after;
  co_return log_response(req, items_of(page), complete ? "" : to_string(page.next), "after");
}

/// Not by the feed, which goes no further than those who follow the log may: an answer about an order that was read is
/// never ahead of its events.
task<response> list_of_order(context& ctx, const request& req) {
  query_reader from{req};
  read_log query;
  query.unsettled = true;
  query.filter.types = from.all("type");
  if (auto wrong = check_filter(query.filter); !wrong.empty())
    from.complain("type", std::move(wrong));
  const auto order = co_await orders::visible_order(ctx, req);
  query.filter.order = order.id.value;
  const bool from_latest = read_place(from, query, [&](const std::string& text) {
    auto cursor = parse_history_cursor(text, order.id.value);
    if (cursor) {
      query.after = cursor->position;
      query.seen = std::move(cursor->seen);
    }
    return cursor.has_value();
  });
  if (from_latest)
    co_return log_response(req, "[]", to_string(co_await end_of_log(ctx, req)), "after");
  auto page = co_await ctx.query<log_page>(req, ctx.services().reader, query);
  // Within an order's streams a page is short only at their end.
  const bool complete = page.events.size() < query.limit;
  co_return log_response(req, items_of(page),
                         complete ? "" : to_string(history_cursor{page.next, std::move(page.seen)}), "after");
}

} // namespace waybill::http::routes::events
