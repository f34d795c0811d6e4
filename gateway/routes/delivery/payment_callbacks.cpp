#include "domain/json/codec.hpp"
#include "domain/webhook/signature.hpp"
#include "gateway/routes/handlers.hpp"
#include "messages/provider_protocol.hpp"

// Callbacks of the payment provider (docs/payment-provider.md). A callback counts only if its signature is valid. None
// is remembered: the payment knows which operation it waits for, so that a callback may come twice.

namespace waybill::http::routes::payment_callbacks {

namespace {

using namespace provider_protocol;

constexpr std::chrono::minutes tolerance{5};
constexpr std::size_t longest_text = 500;

void require_signature(context& ctx, const request& req) {
  using namespace webhook_signature;
  const auto keys = read_keys(ctx.config().payment_callback_secrets);
  const webhook_signature::presented given{req.header(field::webhook_id), req.header(field::webhook_timestamp),
                                           req.header(field::webhook_signature)};
  const auto judged = verify(keys ? *keys : std::vector<webhook_signature::key>{}, given, req.body, now(), tolerance);
  if (judged == verdict::stale)
    throw unauthenticated("the callback was signed too long ago, or in the future");
  if (judged != verdict::good || given.id.size() > longest_text)
    throw unauthenticated("the callback's signature does not hold");
}

problem unreadable(std::string pointer, std::string detail) {
  return invalid_fields(422, {{std::move(pointer), std::move(detail)}});
}

report_payment_outcome to_report(const operation& settled) {
  if (!is_id(settled.payment, payment_id::prefix()))
    throw unreadable("/data/payment", "must be the id of a payment");
  if (!settled.key.starts_with(settled.payment + '/') || settled.key.size() > longest_text)
    throw unreadable("/data/key", "must be the key of an operation of that payment");
  if (settled.reference.size() > longest_text || settled.reason.size() > longest_text)
    throw unreadable("/data", "has texts that are too long");
  const bool approved = settled.status == status::approved;
  return {payment_id{settled.payment},
          settled.key,
          provider_answer{approved ? provider_outcome::approved : provider_outcome::declined, settled.reference,
                          settled.reason},
          {}};
}

} // namespace

/// Answers when the outcome is durable, or when there is nothing to do: the provider repeats a callback until it is
/// answered with a status of 2xx.
task<response> receive(context& ctx, const request& req) {
  require_signature(ctx, req);
  const auto message = decode<callback>(std::string{req.body});
  if (!message)
    throw unreadable("", message.error().detail);
  response result;
  result.status = 204;
  // A later version of the provider may send other types, which are ignored.
  if (message->type != callback::settled || message->data.status == status::pending)
    co_return result;
  auto report = to_report(message->data);
  report.origin.causation_id = req.header(field::webhook_id);
  report.origin.by_id = "payment provider";
  report.origin.traceparent = req.origin().traceparent;
  co_await ctx.query<payment::state>(req, ctx.services().payments, std::move(report));
  co_return result;
}

} // namespace waybill::http::routes::payment_callbacks
