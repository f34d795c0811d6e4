#include "gateway/events/event_filter.hpp"
#include "gateway/events/event_json.hpp"
#include "gateway/http/reading.hpp"
#include "gateway/routes/handlers.hpp"
#include "gateway/routes/orders/order_support.hpp"

// Pages of the event log.

namespace waybill::http::routes::events {

namespace {

task<response> page_of_events(context& ctx, const request& req, query_reader& from, read_log query) {
  // Without a position, begin with the oldest event that is kept: no event before it can be missed.
  const auto* after = from.find("after");
  query.from_earliest = !after || after->empty() || *after == earliest;
  const bool from_latest = after && *after == latest;
  if (!query.from_earliest && !from_latest) {
    if (auto position = parse_log_position(*after))
      query.after = *position;
    else
      from.complain("after", "is not a position in the log");
  }
  query.limit = from.limit();
  from.finish();
  // A page may be short, even empty, long before the end of the log: it is the last one only if it reached the end.
  const auto end = co_await ctx.query<log_position>(req, ctx.services().reader, get_log_end{});
  // Who asks for what comes from now on gets the place to ask from.
  if (from_latest)
    co_return list_response(req, "[]", to_string(end), "after");
  const auto page = co_await ctx.query<log_page>(req, ctx.services().reader, query);
  json_writer items;
  items.begin_array();
  for (const auto& event : page.events)
    items.raw(to_json(event));
  items.end_array();
  const bool complete = page.next >= end || page.next == query.after;
  co_return list_response(req, items.take(), complete ? "" : to_string(page.next), "after");
}

} // namespace

task<response> list(context& ctx, const request& req) {
  query_reader from{req};
  read_log query;
  query.filter = read_event_filter(from, req.caller);
  co_return co_await page_of_events(ctx, req, from, std::move(query));
}

task<response> list_of_order(context& ctx, const request& req) {
  query_reader from{req};
  read_log query;
  query.filter.types = from.all("type");
  if (auto wrong = check_filter(query.filter); !wrong.empty())
    from.complain("type", std::move(wrong));
  const auto order = co_await orders::visible_order(ctx, req);
  query.filter.order = order.id.value;
  co_return co_await page_of_events(ctx, req, from, std::move(query));
}

} // namespace waybill::http::routes::events
