#include "gateway/events/event_filter.hpp"
#include "gateway/events/event_json.hpp"
#include "gateway/http/reading.hpp"
#include "gateway/limits/client_address.hpp"
#include "gateway/routes/handlers.hpp"
#include "gateway/routes/orders/order_support.hpp"
#include "messages/journal/event_feed.hpp"

#include <memory>
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

/// A page for a query that reads the log itself, or of a stream, which has an index.
template <class Page, class Source, class Query>
task<response> page_of_events(context& ctx, const request& req, query_reader& from, const Source& source, Query query) {
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
    co_return log_response(req, "[]", to_string(end), "after");
  const auto page = co_await ctx.query<Page>(req, source, query);
  json_writer items;
  items.begin_array();
  for (const auto& event : page.events)
    items.raw(to_json(event_of(event)));
  items.end_array();
  const bool complete = page.next >= end || page.next == query.after;
  co_return log_response(req, items.take(), complete ? "" : to_string(page.next), "after");
}

} // namespace

task<response> list(context& ctx, const request& req) {
  query_reader from{req};
  // In turn with others: it may look at many events to find few.
  read_feed query;
  query.filter = read_event_filter(from, req.caller);
  query.asker = asker_of(req);
  co_return co_await page_of_events<feed_page>(ctx, req, from, ctx.services().feed, std::move(query));
}

task<response> list_of_order(context& ctx, const request& req) {
  query_reader from{req};
  read_log query;
  query.filter.types = from.all("type");
  if (auto wrong = check_filter(query.filter); !wrong.empty())
    from.complain("type", std::move(wrong));
  const auto order = co_await orders::visible_order(ctx, req);
  query.filter.order = order.id.value;
  co_return co_await page_of_events<log_page>(ctx, req, from, ctx.services().reader, std::move(query));
}

} // namespace waybill::http::routes::events
