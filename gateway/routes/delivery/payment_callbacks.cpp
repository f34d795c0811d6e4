#include "domain/base/codec.hpp"
#include "domain/webhook_signature.hpp"
#include "gateway/routes/handlers.hpp"
#include "messages/provider_protocol.hpp"

// What the payment provider says without being asked (docs/payment-provider.md). Nothing is believed that is not
// signed, and nothing is kept of what was: the payment knows which operation it waits for, so that a callback may come
// twice.

namespace waybill::http {

namespace {

using namespace provider_protocol;

constexpr std::chrono::minutes tolerance{5};
constexpr std::size_t longest_text = 500;

void require_signature(worker& w, const request& req) {
  using namespace webhook_signature;
  const auto keys = read_keys(w.config().payment_callback_secrets);
  const presented given{req.header(id_header), req.header(timestamp_header), req.header(signature_header)};
  const auto seen = verify(keys ? *keys : std::vector<webhook_signature::key>{}, given, req.body, now(), tolerance);
  if (seen == verdict::stale)
    throw unauthenticated("the callback was signed too long ago, or in the future");
  if (seen != verdict::good || given.id.size() > longest_text)
    throw unauthenticated("the callback's signature does not hold");
}

problem unreadable(std::string pointer, std::string detail) {
  return invalid_fields(422, {{std::move(pointer), std::move(detail)}});
}

report_payment_outcome to_report(const operation& what) {
  if (!is_id(what.payment, payment_id::prefix()))
    throw unreadable("/data/payment", "must be the id of a payment");
  if (!what.key.starts_with(what.payment + '/') || what.key.size() > longest_text)
    throw unreadable("/data/key", "must be the key of an operation of that payment");
  if (what.reference.size() > longest_text || what.reason.size() > longest_text)
    throw unreadable("/data", "has texts that are too long");
  const bool approved = what.status == status::approved;
  return {
    payment_id{what.payment},
    what.key,
    provider_answer{approved ? provider_outcome::approved : provider_outcome::declined, what.reference, what.reason},
    {}};
}

} // namespace

/// Answers when the outcome is durable, or when there is nothing to do: the provider sends again what is not answered
/// with a status of 2xx.
task<response> take_payment_callback(worker& w, const request& req) {
  require_signature(w, req);
  const auto said = decode<callback>(std::string{req.body});
  if (!said)
    throw unreadable("", said.error().detail);
  response result;
  result.status = 204;
  // Other words of the provider may come with its next version, and mean nothing here.
  if (said->type != callback::settled || said->data.status == status::pending)
    co_return result;
  auto report = to_report(said->data);
  report.origin.causation_id = req.header(webhook_signature::id_header);
  report.origin.by_id = "payment provider";
  report.origin.traceparent = req.traceparent;
  co_await w.query<payment::state>(req, w.services().payments, std::move(report));
  co_return result;
}

} // namespace waybill::http
