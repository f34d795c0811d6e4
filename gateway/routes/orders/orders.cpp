#include "gateway/http/field_limits.hpp"
#include "gateway/http/reading.hpp"
#include "gateway/routes/handlers.hpp"
#include "gateway/routes/orders/order_support.hpp"
#include "gateway/routes/orders/order_views.hpp"

#include "domain/json/codec.hpp"

namespace waybill::http::routes::orders {

namespace {

std::shared_ptr<const order::state> order_at_hand(const context& ctx, const get_order& question) {
  const auto& look = ctx.services().order_at_hand;
  return look ? look(question) : nullptr;
}

bool is_status(std::string_view word) {
  auto known = false;
  boost::mp11::mp_for_each<boost::describe::describe_enumerators<order::status>>(
    [&](auto status) { known = known || (status.value != order::status::none && word == status.name); });
  return known;
}

list_orders read_query(const request& req) {
  query_reader from{req};
  list_orders query;
  query.status = from.text("status", 32);
  if (!query.status.empty() && !is_status(query.status))
    from.complain("status", "is not a status of an order");
  query.customer = from.text("customer_id", 64);
  if (!query.customer.empty() && !is_id(query.customer, customer_id::prefix()))
    from.complain("customer_id", "is not the id of a customer");
  query.created_after = from.time("created_after");
  query.created_before = from.time("created_before");
  const auto sort = from.text("sort", 32);
  if (!sort.empty() && sort != "created_at" && sort != "-created_at")
    from.complain("sort", "must be created_at or -created_at");
  query.oldest_first = sort == "created_at";
  query.limit = from.limit();
  auto at = from.cursor(query.oldest_first ? "orders+" : "orders-", order_id::prefix(), true);
  query.cursor_time = at.time;
  query.cursor_id = std::move(at.id);
  from.finish();
  if (!req.caller.is_operator())
    query.customer = req.caller.customer.value;
  return query;
}

std::string read_cancel_reason(const request& req) {
  // Clients that are made from the document leave out a body that need not be there.
  if (req.body.empty())
    return "cancelled by the caller";
  return read_reason(req);
}

} // namespace

task<order::state> visible_order(context& ctx, const request& req) {
  const get_order question{path_id<order_id>(req), req.caller.as_viewer()};
  if (const auto known = order_at_hand(ctx, question))
    co_return *known;
  co_return co_await ctx.query<order::state>(req, ctx.services().orders, question);
}

task<response> show(context& ctx, const request& req) {
  const get_order question{path_id<order_id>(req), req.caller.as_viewer()};
  if (const auto known = order_at_hand(ctx, question))
    co_return resource(req, text_of(write_order, *known), known->version);
  const auto order = co_await ctx.query<order::state>(req, ctx.services().orders, question);
  co_return resource(req, text_of(write_order, order), order.version);
}

task<response> list(context& ctx, const request& req) {
  const auto query = read_query(req);
  const auto page = co_await ctx.query<state_page>(req, ctx.services().reader, query);
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
  co_return list_response(req, items.take(),
                          page.more ? to_cursor(query.oldest_first ? "orders+" : "orders-", last) : "");
}

task<response> cancel(context& ctx, const request& req) {
  cancel_order command;
  command.id = path_id<order_id>(req);
  command.expected_version = expected_version(req);
  command.reason = read_cancel_reason(req);
  command.origin = req.origin();
  command.on_behalf = req.caller.as_viewer();
  // With an expected version, a second attempt would be refused because of the version that the first one made.
  const bool repeatable = command.expected_version == 0;
  const auto order = co_await ctx.query_or_command<order::state>(req, ctx.services().orders, command, repeatable);
  auto result = resource(req, text_of(write_order, order), order.version);
  // 202 also for an order that needs attention: the cancellation was accepted and is not done.
  result.status = order.status == order::status::cancelled ? 200 : 202;
  co_return result;
}

} // namespace waybill::http::routes::orders
