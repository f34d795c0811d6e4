#include "gateway/http/reading.hpp"
#include "gateway/limits/limits.hpp"
#include "gateway/routes/handlers.hpp"
#include "gateway/routes/orders/order_views.hpp"

#include "domain/base/codec.hpp"

namespace waybill::http {

namespace {

std::shared_ptr<const order::state> order_at_hand(const worker& w, const get_order& wanted) {
  const auto& look = w.services().order_at_hand;
  return look ? look(wanted) : nullptr;
}

bool is_status(std::string_view word) {
  auto known = false;
  boost::mp11::mp_for_each<boost::describe::describe_enumerators<order::status>>(
    [&](auto one) { known = known || (one.value != order::status::none && word == one.name); });
  return known;
}

list_orders read_wish(const request& req) {
  query_reader from{req};
  list_orders wanted;
  wanted.status = from.text("status", 32);
  if (!wanted.status.empty() && !is_status(wanted.status))
    from.complain("status", "is not a status of an order");
  wanted.customer = from.text("customer_id", 64);
  if (!wanted.customer.empty() && !is_id(wanted.customer, customer_id::prefix()))
    from.complain("customer_id", "is not the id of a customer");
  wanted.created_after = from.time("created_after");
  wanted.created_before = from.time("created_before");
  const auto sort = from.text("sort", 32);
  if (!sort.empty() && sort != "created_at" && sort != "-created_at")
    from.complain("sort", "must be created_at or -created_at");
  wanted.oldest_first = sort == "created_at";
  wanted.limit = from.limit();
  auto at = from.cursor(wanted.oldest_first ? "orders+" : "orders-", order_id::prefix(), true);
  wanted.cursor_time = at.time;
  wanted.cursor_id = std::move(at.id);
  from.finish();
  if (!req.who.is_operator())
    wanted.customer = req.who.customer.value;
  return wanted;
}

std::string read_cancel_reason(const request& req) {
  if (req.method == verb::delete_ && req.body.empty())
    return "cancelled by the caller";
  return read_reason(req);
}

} // namespace

task<order::state> visible_order(worker& w, const request& req) {
  const get_order wanted{path_id<order_id>(req), req.who.as_viewer()};
  if (const auto known = order_at_hand(w, wanted))
    co_return *known;
  co_return co_await w.query<order::state>(req, w.services().orders, wanted);
}

task<response> show_order(worker& w, const request& req) {
  const get_order wanted{path_id<order_id>(req), req.who.as_viewer()};
  if (const auto known = order_at_hand(w, wanted))
    co_return resource(req, text_of(write_order, *known), known->version);
  const auto found = co_await w.query<order::state>(req, w.services().orders, wanted);
  co_return resource(req, text_of(write_order, found), found.version);
}

task<response> list_all_orders(worker& w, const request& req) {
  const auto wanted = read_wish(req);
  const auto page = co_await w.query<state_page>(req, w.services().reader, wanted);
  json_writer items;
  items.begin_array();
  list_cursor last;
  for (const auto& text : page.states) {
    const auto one = decode<order::state>(text);
    if (!one)
      throw to_problem(one.error());
    write_order(items, *one);
    last = {one->created_at, one->id.value};
  }
  items.end_array();
  co_return list_response(req, items.take(),
                          page.more ? to_cursor(wanted.oldest_first ? "orders+" : "orders-", last) : "");
}

task<response> cancel_one_order(worker& w, const request& req) {
  cancel_order wanted;
  wanted.id = path_id<order_id>(req);
  wanted.expected_version = expected_version(req);
  wanted.reason = read_cancel_reason(req);
  wanted.origin = req.origin();
  wanted.on_behalf = req.who.as_viewer();
  // Saying it twice is safe unless the version that the first attempt made refuses the second.
  const auto& orders = w.services().orders;
  order::state now;
  if (wanted.expected_version == 0)
    now = co_await w.query<order::state>(req, orders, wanted);
  else
    now = co_await w.command<order::state>(req, orders, wanted);
  auto result = resource(req, text_of(write_order, now), now.version);
  // Also when it could not be compensated and needs attention, the cancellation was accepted and is not done.
  result.status = now.status == order::status::cancelled ? 200 : 202;
  co_return result;
}

} // namespace waybill::http
