#include "domain/octets/octets.hpp"
#include "gateway/http/conditions.hpp"
#include "gateway/http/field_limits.hpp"
#include "gateway/http/reading.hpp"
#include "gateway/routes/handlers.hpp"
#include "gateway/routes/orders/order_events.hpp"
#include "gateway/routes/orders/order_support.hpp"
#include "gateway/routes/orders/order_views.hpp"
#include "gateway/routes/orders/payment/payment_order.hpp"

// The payment of an order that is paid later.

namespace waybill::http::routes::orders {

namespace {

order::payment_means read_payment(const request& req) {
  const auto body = read_body(req);
  std::vector<field_error> errors;
  object_reader from{body, "", errors};
  order::payment_means payment{from.text("method", limits::payment_method), from.text("token", limits::payment_token)};
  if (payment.method == order::deferred_method)
    from.complain("method", "must say how it is paid now");
  from.finish();
  require_valid(body, errors);
  return payment;
}

/// A digest, because a token is no fact to keep in clear.
std::string fingerprint_of(const order::payment_means& payment) {
  json_writer out;
  return to_base64url(sha256(out.begin_array().text(payment.method).text(payment.token).end_array().take()));
}

} // namespace

task<order_paid> pay_later(context& ctx, const request& req, const order_id& id, order::payment_means payment,
                           std::string intent, std::uint64_t expected_version) {
  pay_order command;
  command.id = id;
  command.fingerprint = fingerprint_of(payment);
  command.payment = std::move(payment);
  command.intent = std::move(intent);
  command.expected_version = expected_version;
  command.origin = req.origin();
  command.on_behalf = req.caller.as_viewer();
  // The same intent a second time changes nothing, whatever version was expected.
  co_return co_await ctx.query<order_paid>(req, ctx.services().orders, command);
}

task<order::state> as_paid(context& ctx, const request& req, const order::state& order) {
  const auto version = order.deferral ? order.deferral->paid_version : 0;
  if (version == 0 || version > most_versions)
    co_return order;
  const auto events = co_await events_up_to(ctx, req, order.id, version);
  if (!is_complete(events) || events.back().version != version)
    co_return order;
  co_return history_of(events).present();
}

/// 202 while the provider has not decided yet: the answer comes right after the commit, as for a new order.
task<response> pay(context& ctx, const request& req) {
  const auto id = path_id<order_id>(req);
  auto payment = read_payment(req);
  auto intent = intent_of(req);
  const auto version = expected_first_version(req);
  const auto paid = co_await pay_later(ctx, req, id, std::move(payment), std::move(intent), version);
  const bool replayed = paid.replayed && !idempotency_key(req).empty();
  const std::chrono::seconds wait{preferred_wait(req.header(field::prefer))};
  std::optional<order::state> settled;
  if (wait.count() > 0) {
    // Waiting is no load.
    if (req.permit)
      req.permit->done();
    const auto whom = req.caller.as_viewer();
    settled = co_await await_settled(ctx, id, whom, wait);
  }
  auto order = settled ? *settled : paid.order;
  if (!settled && replayed)
    order = co_await as_paid(ctx, req, paid.order);
  auto result = resource(req, text_of(write_order, order), order.version);
  result.status = order::is_settled(order) ? 200 : 202;
  if (replayed)
    result.set("Idempotent-Replayed", "true");
  if (settled)
    result.set("Preference-Applied", "wait=" + std::to_string(wait.count()));
  co_return result;
}

} // namespace waybill::http::routes::orders
