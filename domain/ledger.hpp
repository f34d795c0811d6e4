#pragma once

#include "domain/payment.hpp"

namespace waybill {

/// What a payment provider answers of an operation.
enum class provider_outcome : std::uint8_t { approved, declined, try_again, not_found };
BOOST_DESCRIBE_ENUM(provider_outcome, approved, declined, try_again, not_found)

/// What the ledger of the simulated provider stores under an operation's key.
struct ledger_entry {
  payment::operation operation = payment::operation::authorize;
  /// Empty when the key was closed before any request came.
  std::string payment;
  money amount;
  provider_outcome outcome = provider_outcome::approved;
  std::string reference;
  std::string reason;
};
BOOST_DESCRIBE_STRUCT(ledger_entry, (), (operation, payment, amount, outcome, reference, reason))

} // namespace waybill
