#include "domain/json/codec.hpp"
#include "gateway/http/reading.hpp"
#include "gateway/routes/handlers.hpp"
#include "gateway/routes/orders/order_filter.hpp"
#include "gateway/routes/orders/order_views.hpp"

namespace waybill::http::routes::orders {

task<response> list(context& ctx, const request& req) {
  query_reader from{req};
  auto filter = read_filter(from, req);
  auto& query = filter.query;
  const auto sort = from.text("sort", 32);
  if (!sort.empty() && sort != "created_at" && sort != "-created_at")
    from.complain("sort", "must be created_at or -created_at");
  query.oldest_first = sort == "created_at";
  query.limit = from.limit();
  const auto* const name = query.oldest_first ? "orders+" : "orders-";
  auto at = from.cursor(name, order_id::prefix(), true);
  query.cursor_time = at.time;
  query.cursor_id = std::move(at.id);
  from.finish();
  const auto page = co_await page_of_orders(ctx, req, std::move(filter));
  json_writer items;
  items.begin_array();
  list_cursor last;
  for (const auto& text : page.states) {
    const auto order = decode<order::state>(text);
    if (!order)
      throw to_problem(order.error());
    write_order(items, *order);
    last = {order->created_at, order->id.value};
  }
  items.end_array();
  if (page.next)
    last = {page.next->time, page.next->id};
  co_return list_response(req, items.take(), page.more ? to_cursor(name, last) : "");
}

} // namespace waybill::http::routes::orders
