#include "domain/json/codec.hpp"
#include "gateway/http/reading.hpp"
#include "gateway/routes/handlers.hpp"
#include "gateway/routes/view_text.hpp"
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
  const auto orders = decode_all<order::state>(page.states);
  list_cursor last;
  if (page.next)
    last = {page.next->time, page.next->id};
  else if (!orders.empty())
    last = {orders.back().created_at, orders.back().id.value};
  const auto write = [](json_writer& out, const order::state& order) { write_order(out, order); };
  co_return list_response(req, array_of(orders, write), page.more ? to_cursor(name, last) : "");
}

} // namespace waybill::http::routes::orders
