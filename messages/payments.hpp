#pragma once

#include "domain/ledger.hpp"
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
  placed_in builds_on = {};
};
BOOST_DESCRIBE_STRUCT(authorize_payment, (), (id, order, customer, amount, method, token, origin, builds_on))

struct capture_payment {
  payment_id id;
  provenance origin;
  placed_in builds_on = {};
};
BOOST_DESCRIBE_STRUCT(capture_payment, (), (id, origin, builds_on))

struct void_payment {
  payment_id id;
  provenance origin;
  placed_in builds_on = {};
};
BOOST_DESCRIBE_STRUCT(void_payment, (), (id, origin, builds_on))

/// Gives captured money back. `refund` makes it safe to repeat.
struct refund_payment {
  payment_id id;
  refund_id refund;
  money amount;
  provenance origin;
  placed_in builds_on = {};
};
BOOST_DESCRIBE_STRUCT(refund_payment, (), (id, refund, amount, origin, builds_on))

struct get_payment {
  payment_id id;
  placed_in builds_on = {};
};
BOOST_DESCRIBE_STRUCT(get_payment, (), (id, builds_on))

// -- the provider's side ----------------------------------------------------------------------------------------------

/// One request to the payment provider; never leaves the node. `key` makes it safe to repeat: the provider carries it
/// out at most once per key and always answers as it did first.
struct provider_request {
  std::string key;
  payment::operation operation = payment::operation::authorize;
  payment_id payment;
  money amount;
  std::string method;
  std::string token;
  /// The provider's reference of the authorisation that a capture or void is about.
  std::string reference;
  /// The trace that the operation belongs to; may be empty.
  std::string traceparent = {};
};
BOOST_DESCRIBE_STRUCT(provider_request, (), (key, operation, payment, amount, method, token, reference, traceparent))

/// Asks for the outcome of `key`; never leaves the node. With `close` the provider closes a key that it has never seen,
/// and will refuse a request that is still on its way: only then does `not_found` mean that the operation will never
/// happen.
struct provider_lookup {
  std::string key;
  bool close = false;
  std::string traceparent = {};
};
BOOST_DESCRIBE_STRUCT(provider_lookup, (), (key, close, traceparent))

struct provider_answer {
  provider_outcome outcome = provider_outcome::try_again;
  std::string reference;
  std::string reason;
};
BOOST_DESCRIBE_STRUCT(provider_answer, (), (outcome, reference, reason))

/// The provider reports by itself (a callback) that the operation with `key` was approved or declined.
struct report_payment_outcome {
  payment_id id;
  std::string key;
  provider_answer answer;
  provenance origin;
};
BOOST_DESCRIBE_STRUCT(report_payment_outcome, (), (id, key, answer, origin))

} // namespace waybill
