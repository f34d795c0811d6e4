#include "gateway/routes/rpc/payment_calls.hpp"

#include "domain/json/codec.hpp"
#include "domain/order/order.hpp"
#include "gateway/http/field_limits.hpp"
#include "gateway/http/reading.hpp"
#include "gateway/routes/orders/order_support.hpp"
#include "gateway/routes/orders/payment/payment_order.hpp"

namespace waybill::http::routes::rpc_door {

namespace json = boost::json;

namespace {

constexpr const char* card = "card";

/// One word for how a payment stands.
std::string_view outcome_of(const order::state& order) {
  switch (order.payment_status) {
    case order::payment_status::authorized:
    case order::payment_status::captured:
    case order::payment_status::partially_refunded: return "paid";
    case order::payment_status::pending:
    case order::payment_status::unknown: return "pending";
    case order::payment_status::awaiting: return "awaiting";
    case order::payment_status::declined: return "declined";
    case order::payment_status::refunded: return "refunded";
    case order::payment_status::voided: return "void";
  }
  return "pending";
}

json::object describe(const order::state& order) {
  const auto outcome = outcome_of(order);
  json::object shown{{"order_id", order.id.value},
                     {"status", waybill::name_of(order.status)},
                     {"payment_status", waybill::name_of(order.payment_status)},
                     {"outcome", outcome},
                     {"paid", outcome == "paid"},
                     {"amount", order.total.amount},
                     {"currency", order.total.currency}};
  if (order::awaits_payer(order) && order.stock_reserved && order.step_by)
    shown["pay_by"] = to_rfc3339(*order.step_by);
  return shown;
}

/// The order is over, or about to be, without its money.
bool cannot_be_paid(const order::state& order) {
  const bool ends = order.status == order::status::cancelling || order.status == order::status::cancelled;
  return ends || outcome_of(order) == "void";
}

rpc::fault not_payable(const order::state& order) {
  return {rpc::fault_code::illegal_transition, "illegal_transition",
          order.id.value + " cannot be paid: it is " + std::string{waybill::name_of(order.status)}
            + (order.reason.empty() ? "" : " (" + order.reason + ")")};
}

order_id to_order_id(const std::string& text) {
  if (!is_id(text, order_id::prefix()))
    throw not_found("there is no such order");
  return order_id{text};
}

task<order::state> read_order(context& ctx, const request& req, const order_id& id) {
  const get_order question{id, req.caller.as_viewer()};
  co_return co_await ctx.query<order::state>(req, ctx.services().orders, question);
}

/// Repeated calls under one idempotency key are one payment of the order; without a key each call is a new one.
std::string intent_for(const request& req, const order_id& id) {
  const auto key = idempotency_key(req);
  if (key.empty())
    return make_id_suffix();
  return derive_id_suffix(req.caller.id + "\nprocess_payment\n" + id.value + '\n' + key);
}

/// Nothing when somebody was quicker.
task<std::optional<order::state>> pay(context& ctx, const request& req, const order_id& id,
                                      order::payment_means payment, std::string intent) {
  try {
    auto paid = co_await orders::pay_later(ctx, req, id, std::move(payment), std::move(intent), 0);
    co_return std::move(paid.order);
  } catch (const problem& refused) {
    if (refused.code != "illegal_transition")
      throw;
  }
  co_return std::nullopt;
}

task<order::state> wait_for_provider(context& ctx, const request& req, order::state order,
                                     clock::time_point wait_until) {
  const bool undecided = order.status == order::status::placed && outcome_of(order) == "pending";
  const auto left = std::chrono::duration_cast<std::chrono::seconds>(wait_until - clock::now());
  if (!undecided || left.count() < 1)
    co_return order;
  // Waiting is no load.
  if (req.permit)
    req.permit->done();
  const auto id = order.id;
  const auto whom = req.caller.as_viewer();
  const auto settled = co_await orders::await_settled(ctx, id, whom, left);
  co_return settled ? *settled : order;
}

} // namespace

task<rpc::outcome> process_payment(context& ctx, const request& req, const std::string& order_text,
                                   const std::optional<std::string>& token, clock::time_point wait_until) {
  const auto id = to_order_id(order_text);
  auto order = co_await read_order(ctx, req, id);
  const auto intent = intent_for(req, id);
  // The same payment again is answered as such, or refused when it is about another card.
  const bool again = order.deferral && order.deferral->paid_at && order.deferral->intent == intent;
  bool charged = false;
  if (order::awaits_payer(order) || again) {
    order::payment_means payment{card, token.value_or(order.payment.token)};
    if (payment.token.empty())
      co_return rpc::invalid_parameters("token is missing: no card came with the order");
    if (auto wrong = check_text(payment.token, limits::payment_token); !wrong.empty())
      co_return rpc::invalid_parameters("token " + wrong);
    auto paid = co_await pay(ctx, req, id, std::move(payment), intent);
    charged = paid.has_value();
    // g++ 12 destroys what a co_await in a conditional expression gives twice.
    if (charged)
      order = std::move(*paid);
    else
      order = co_await read_order(ctx, req, id);
  }
  order = co_await wait_for_provider(ctx, req, std::move(order), wait_until);
  if (cannot_be_paid(order))
    co_return not_payable(order);
  auto shown = describe(order);
  shown["charged"] = charged;
  co_return json::value(std::move(shown));
}

task<rpc::outcome> payment_status(context& ctx, const request& req, const std::string& order_text) {
  const auto id = to_order_id(order_text);
  const auto order = co_await read_order(ctx, req, id);
  co_return json::value(describe(order));
}

} // namespace waybill::http::routes::rpc_door
