#include "domain/base/currency.hpp"
#include "gateway/http/field_limits.hpp"
#include "gateway/http/reading.hpp"
#include "gateway/routes/handlers.hpp"
#include "gateway/routes/orders/order_support.hpp"
#include "gateway/routes/orders/order_views.hpp"

// Refunds, which operators give.

namespace waybill::http::routes::orders {

namespace {

constexpr length currency{3, 3};

money read_amount(object_reader& from) {
  auto amount = from.object("amount");
  money result{amount.integer("amount", limits::refund), amount.text("currency", currency)};
  // Whether it is the order's the order knows; that may be from the time before codes were checked.
  if (!result.currency.empty() && !has_currency_form(result.currency))
    amount.complain("currency", "must be the code of a currency (ISO 4217)");
  amount.finish();
  return result;
}

refund_order read_refund(const request& req) {
  const auto body = read_body(req);
  std::vector<field_error> errors;
  object_reader from{body, "", errors};
  refund_order result;
  if (from.optional("amount") != nullptr)
    result.amount = read_amount(from);
  result.reason = from.text("reason", limits::reason);
  from.finish();
  require_valid(body, errors);
  return result;
}

/// An idempotency key counts for its caller and its path; without one each request is a new refund.
refund_id refund_of(const request& req) {
  const auto key = idempotency_key(req);
  if (key.empty())
    return make_id<refund_id>();
  return derive_id<refund_id>(req.caller.id + "\nPOST /v1/orders/" + req.id + "/refunds\n" + key);
}

std::string refunds_at(const order::state& order, std::uint64_t version) {
  json_writer out;
  write_refunds(out, order, version);
  return out.take();
}

/// An amount that the order cannot refund is reported at /amount.
task<refund_accepted> send_refund(context& ctx, const request& req, refund_order command) {
  try {
    co_return co_await ctx.query<refund_accepted>(req, ctx.services().orders, std::move(command));
  } catch (problem& error) {
    if (error.code == "validation_failed" && error.errors.empty())
      throw invalid_fields(422, {{"/amount", error.detail}});
    throw;
  }
}

} // namespace

task<response> refund(context& ctx, const request& req) {
  const auto id = path_id<order_id>(req);
  auto command = read_refund(req);
  command.id = id;
  command.refund = refund_of(req);
  command.expected_version = expected_version(req);
  command.origin = req.origin();
  command.on_behalf = req.caller.as_viewer();
  const auto id_of_refund = command.refund;
  const auto accepted = co_await send_refund(ctx, req, std::move(command));
  // A repeated request gets the same answer as the first: the refunds as they were when this one was requested.
  auto version = accepted.order.version;
  for (const auto& existing : order::refunds_of(accepted.order))
    if (existing.id == id_of_refund)
      version = existing.requested_version;
  auto result = resource(req, refunds_at(accepted.order, version), version);
  result.status = 201;
  result.set("Location", "/v1/orders/" + id.value + "/refunds");
  if (accepted.replayed && !idempotency_key(req).empty())
    result.set("Idempotent-Replayed", "true");
  co_return result;
}

task<response> list_refunds(context& ctx, const request& req) {
  const auto order = co_await visible_order(ctx, req);
  co_return resource(req, refunds_at(order, order.version), order.version);
}

} // namespace waybill::http::routes::orders
