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
  const auto found = entries_.find(key);
  return found == entries_.end() ? nullptr : &found->second;
}

std::optional<std::string> ledger::refusal(const operation_request& what) const {
  if (what.operation == payment::operation::authorize)
    return refusal_by_token(what.token);
  const auto found = charges_.find(what.authorization);
  if (found == charges_.end())
    return "no_such_authorization";
  const auto& charge = found->second;
  if (what.amount.currency != charge.authorized.currency || what.amount.amount < 0)
    return "wrong_amount";
  switch (what.operation) {
    case payment::operation::capture:
      if (what.token == "tok_capture_fails")
        return "capture_failed";
      if (charge.voided || what.amount.amount > charge.authorized.amount - charge.captured)
        return "more_than_authorized";
      break;
    case payment::operation::void_authorization:
      if (charge.captured > 0)
        return "already_captured";
      break;
    case payment::operation::refund:
      if (what.amount.amount > charge.captured - charge.refunded)
        return "more_than_captured";
      break;
    case payment::operation::authorize: break;
  }
  return std::nullopt;
}

void ledger::move_money(operation& done, const operation_request& what) {
  if (what.operation == payment::operation::authorize) {
    done.reference = "chg_" + done.key;
    charges_[done.reference] = {done.reference, what.payment, what.amount, 0, 0, false};
    return;
  }
  done.reference = what.authorization;
  auto& charge = charges_.at(what.authorization);
  switch (what.operation) {
    case payment::operation::capture: charge.captured += what.amount.amount; break;
    case payment::operation::void_authorization: charge.voided = true; break;
    case payment::operation::refund: charge.refunded += what.amount.amount; break;
    case payment::operation::authorize: break;
  }
}

entry& ledger::begin(const std::string& key, const operation_request& what) {
  auto& made = entries_[key];
  made.operation = {key, what.operation, what.payment, what.amount, status::pending, {}, {}};
  return made;
}

entry& ledger::settle(const std::string& key, const operation_request& what) {
  auto& made = begin(key, what);
  if (const auto refused = refusal(what)) {
    made.operation.status = status::declined;
    made.operation.reason = *refused;
  } else {
    made.operation.status = status::approved;
    move_money(made.operation, what);
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
  for (const auto& [key, one] : entries_)
    all.entries.push_back(one);
  for (const auto& [reference, one] : charges_)
    all.charges.push_back(one);
  return all;
}

} // namespace waybill::psp
