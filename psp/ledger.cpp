#include "psp/ledger.hpp"

namespace waybill::psp {

namespace {

using provider_protocol::status;

std::optional<std::string> refusal_by_token(const std::string& token) {
  if (token == "tok_declined")
    return "card_declined";
  if (token == "tok_insufficient_funds")
    return "insufficient_funds";
  if (!token.starts_with("tok_"))
    return "unknown_token";
  return std::nullopt;
}

} // namespace

entry* ledger::find(const std::string& key) {
  const auto entry = entries_.find(key);
  return entry == entries_.end() ? nullptr : &entry->second;
}

std::optional<std::string> ledger::refusal(const operation_request& request) const {
  if (request.operation == payment::operation::authorize)
    return refusal_by_token(request.token);
  const auto authorized = charges_.find(request.authorization);
  if (authorized == charges_.end())
    return "no_such_authorization";
  const auto& charge = authorized->second;
  if (request.amount.currency != charge.authorized.currency || request.amount.amount < 0)
    return "wrong_amount";
  switch (request.operation) {
    case payment::operation::capture:
      if (request.token == "tok_capture_fails")
        return "capture_failed";
      if (charge.voided || request.amount.amount > charge.authorized.amount - charge.captured)
        return "more_than_authorized";
      break;
    case payment::operation::void_authorization:
      if (charge.captured > 0)
        return "already_captured";
      break;
    case payment::operation::refund:
      if (request.amount.amount > charge.captured - charge.refunded)
        return "more_than_captured";
      break;
    case payment::operation::authorize: break;
  }
  return std::nullopt;
}

void ledger::move_money(operation& done, const operation_request& request) {
  if (request.operation == payment::operation::authorize) {
    done.reference = "chg_" + done.key;
    charges_[done.reference] = {done.reference, request.payment, request.amount, 0, 0, false};
    return;
  }
  done.reference = request.authorization;
  auto& charge = charges_.at(request.authorization);
  switch (request.operation) {
    case payment::operation::capture: charge.captured += request.amount.amount; break;
    case payment::operation::void_authorization: charge.voided = true; break;
    case payment::operation::refund: charge.refunded += request.amount.amount; break;
    case payment::operation::authorize: break;
  }
}

entry& ledger::begin(const std::string& key, const operation_request& request) {
  auto& made = entries_[key];
  made.operation = {key, request.operation, request.payment, request.amount, status::pending, {}, {}};
  return made;
}

entry& ledger::settle(const std::string& key, const operation_request& request) {
  auto& made = begin(key, request);
  if (const auto refused = refusal(request)) {
    made.operation.status = status::declined;
    made.operation.reason = *refused;
  } else {
    made.operation.status = status::approved;
    move_money(made.operation, request);
  }
  return made;
}

entry& ledger::close(const std::string& key) {
  auto& made = entries_[key];
  made.operation.key = key;
  made.operation.status = status::declined;
  made.operation.reason = "the request never arrived";
  made.closed = true;
  return made;
}

books ledger::contents() const {
  books all;
  for (const auto& [key, entry] : entries_)
    all.entries.push_back(entry);
  for (const auto& [reference, charge] : charges_)
    all.charges.push_back(charge);
  return all;
}

} // namespace waybill::psp
