#pragma once

#include "domain/payment.hpp"
#include "messages/common.hpp"

namespace waybill {

struct authorize_payment {
  payment_id id;
  order_id order;
  customer_id customer;
  money amount;
  std::string method;
  std::string token;
  provenance origin;
};
BOOST_DESCRIBE_STRUCT(authorize_payment, (), (id, order, customer, amount, method, token, origin))

struct capture_payment {
  payment_id id;
  provenance origin;
};
BOOST_DESCRIBE_STRUCT(capture_payment, (), (id, origin))

struct void_payment {
  payment_id id;
  provenance origin;
};
BOOST_DESCRIBE_STRUCT(void_payment, (), (id, origin))

/// Gives captured money back. `refund` makes it safe to repeat.
struct refund_payment {
  payment_id id;
  refund_id refund;
  money amount;
  provenance origin;
};
BOOST_DESCRIBE_STRUCT(refund_payment, (), (id, refund, amount, origin))

struct get_payment {
  payment_id id;
};
BOOST_DESCRIBE_STRUCT(get_payment, (), (id))

// -- the provider's side ----------------------------------------------------------------------------------------------

/// One call to the payment provider. `key` makes it safe to repeat: the provider does it at most once per key and gives
/// the first answer ever after.
struct provider_request {
  std::string key;
  payment::operation operation = payment::operation::authorize;
  payment_id payment;
  money amount;
  std::string method;
  std::string token;
  /// The provider's name of the authorisation that a capture or void is about.
  std::string reference;
};
BOOST_DESCRIBE_STRUCT(provider_request, (), (key, operation, payment, amount, method, token, reference))

/// "What became of `key`?" With `close`, a key that was never seen is closed for good, so that a request still under
/// way under it will be refused: only then does `not_found` mean that it never will happen.
struct provider_lookup {
  std::string key;
  bool close = false;
};
BOOST_DESCRIBE_STRUCT(provider_lookup, (), (key, close))

enum class provider_outcome : std::uint8_t { approved, declined, try_again, not_found };
BOOST_DESCRIBE_ENUM(provider_outcome, approved, declined, try_again, not_found)

struct provider_answer {
  provider_outcome outcome = provider_outcome::try_again;
  std::string reference;
  std::string reason;
};
BOOST_DESCRIBE_STRUCT(provider_answer, (), (outcome, reference, reason))

/// The provider's own word, given without being asked at that moment, on what became of the operation with `key`:
/// approved or declined.
struct report_payment_outcome {
  payment_id id;
  std::string key;
  provider_answer answer;
  provenance origin;
};
BOOST_DESCRIBE_STRUCT(report_payment_outcome, (), (id, key, answer, origin))

} // namespace waybill
