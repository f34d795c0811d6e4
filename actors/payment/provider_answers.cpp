#include "actors/payment/provider_answers.hpp"

#include "domain/base/errors.hpp"
#include "domain/json/codec.hpp"
#include "messages/provider_protocol.hpp"

namespace waybill {

namespace {

using health = read_answer::health;
using provider_protocol::status;

constexpr unsigned bad_request = 400;
constexpr unsigned unauthorized = 401;
constexpr unsigned forbidden = 403;
constexpr unsigned not_found = 404;
constexpr unsigned conflict = 409;
constexpr unsigned too_many = 429;
constexpr unsigned server_error = 500;
constexpr unsigned service_unavailable = 503;

provider_answer again(std::string reason) {
  return {provider_outcome::try_again, {}, std::move(reason)};
}

std::string status_text(unsigned code) {
  return "the payment provider answers with HTTP status " + std::to_string(code);
}

/// There was no answer.
read_answer read_failure(const outbound::http_failure& reason) {
  const bool ours = reason.code == ec::overloaded || reason.code == ec::shutting_down;
  read_answer result;
  result.provider = ours ? health::unknown : health::ill;
  result.complaint = reason.detail;
  if (!reason.sent)
    result.answer = again("the payment provider cannot be reached");
  return result;
}

/// An answer with an operation in it, if it is about `key`.
read_answer read_operation(const std::string& key, const std::string& body, std::optional<payment::operation> asked) {
  constexpr std::size_t longest = 500;
  const auto stated = decode<provider_protocol::operation>(body);
  if (!stated || stated->key != key || (asked && stated->operation != *asked))
    return {std::nullopt, health::ill, "the payment provider's answer is not about the operation that was asked for"};
  if (stated->reference.size() > longest || stated->reason.size() > longest)
    return {std::nullopt, health::ill, "the payment provider's answer is too long"};
  switch (stated->status) {
    case status::approved:
      return {provider_answer{provider_outcome::approved, stated->reference, {}}, health::well, {}};
    case status::declined: return {provider_answer{provider_outcome::declined, {}, stated->reason}, health::well, {}};
    case status::pending: break;
  }
  return {std::nullopt, health::well, {}};
}

/// A refusal that an operator can fix (a wrong secret, for example) says nothing about the customer's money.
bool is_about_us(unsigned code) {
  return code == unauthorized || code == forbidden;
}

} // namespace

read_answer read_call_answer(const std::string& key, payment::operation operation, const outbound::http_result& from) {
  if (!from)
    return read_failure(from.error());
  const auto code = from->status;
  if (code >= 200 && code < 300)
    return read_operation(key, from->body, operation);
  if (is_about_us(code))
    return {again("the payment provider does not accept this shop's credentials"), health::well, status_text(code)};
  // Both say that nothing was done.
  if (code == too_many || code == service_unavailable)
    return {again("the payment provider is not available"), health::ill, status_text(code)};
  // Under way there, by a call of before.
  if (code == conflict)
    return {std::nullopt, health::well, {}};
  if (code >= bad_request && code < server_error)
    return {provider_answer{provider_outcome::declined, {}, "the payment provider refused the request"}, health::well,
            status_text(code)};
  return {std::nullopt, health::ill, status_text(code)};
}

read_answer read_lookup_answer(const std::string& key, bool close, const outbound::http_result& from) {
  if (!from) {
    auto result = read_failure(from.error());
    result.answer = again("the payment provider cannot be reached");
    return result;
  }
  const auto code = from->status;
  if (code >= 200 && code < 300) {
    auto result = read_operation(key, from->body, std::nullopt);
    if (!result.answer)
      result.answer = again("the payment provider does not know the outcome yet");
    return result;
  }
  // A closed key is an answer: a 404 to closing comes from something else than the provider we know.
  if (code == not_found && !close)
    return {provider_answer{provider_outcome::not_found, {}, {}}, health::well, {}};
  const bool ill = code >= server_error || code == too_many;
  return {again("the payment provider does not say what happened"), ill ? health::ill : health::well,
          status_text(code)};
}

} // namespace waybill
