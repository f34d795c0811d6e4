#include "gateway/http/reading.hpp"
#include "gateway/limits/limits.hpp"
#include "gateway/routes/handlers.hpp"
#include "gateway/routes/orders/order_views.hpp"

#include <algorithm>

// Money back, by operators.

namespace waybill::http {

namespace {

constexpr length currency{3, 3};

money read_amount(object_reader& from) {
  auto amount = from.object("amount");
  money result{amount.integer("amount", limits::refund), amount.text("currency", currency)};
  if (!result.currency.empty() && !is_currency(result.currency))
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
  if (body.is_null())
    errors.push_back({"", "must be an object"});
  if (!errors.empty())
    throw invalid_fields(422, std::move(errors));
  return result;
}

/// A key belongs to its caller and its path; without one each request is a wish of its own.
refund_id refund_of(const request& req) {
  const auto key = idempotency_key(req);
  if (key.empty())
    return make_id<refund_id>();
  return derive_id<refund_id>(req.who.id + "\nPOST /v1/orders/" + req.id + "/refunds\n" + key);
}

std::string refunds_at(const order::state& what, std::uint64_t version) {
  json_writer out;
  write_refunds(out, what, version);
  return out.take();
}

/// What the order cannot give back is said of the amount.
task<refund_accepted> ask_for_refund(worker& w, const request& req, refund_order wanted) {
  try {
    co_return co_await w.query<refund_accepted>(req, w.services().orders, std::move(wanted));
  } catch (problem& why) {
    if (why.code == "validation_failed" && why.errors.empty())
      throw invalid_fields(422, {{"/amount", why.detail}});
    throw;
  }
}

} // namespace

task<response> refund_one_order(worker& w, const request& req) {
  const auto id = path_id<order_id>(req);
  auto wanted = read_refund(req);
  wanted.id = id;
  wanted.refund = refund_of(req);
  wanted.expected_version = expected_version(req);
  wanted.origin = req.origin();
  wanted.on_behalf = req.who.as_viewer();
  const auto refund = wanted.refund;
  const auto accepted = co_await ask_for_refund(w, req, std::move(wanted));
  // The first answer and a later one to the same request tell of the same moment.
  auto version = accepted.order.version;
  for (const auto& one : order::refunds_of(accepted.order))
    if (one.id == refund)
      version = one.requested_version;
  auto result = resource(req, refunds_at(accepted.order, version), version);
  result.status = 201;
  result.set("Location", "/v1/orders/" + id.value + "/refunds");
  if (accepted.replayed && !idempotency_key(req).empty())
    result.set("Idempotent-Replayed", "true");
  co_return result;
}

task<response> list_order_refunds(worker& w, const request& req) {
  const auto found = co_await visible_order(w, req);
  co_return resource(req, refunds_at(found, found.version), found.version);
}

} // namespace waybill::http
