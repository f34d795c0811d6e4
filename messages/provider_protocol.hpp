#pragma once

#include "domain/payment.hpp"

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>

#include <cstdint>
#include <string>
#include <string_view>

/// The messages over HTTP between Waybill and a payment provider, in both directions, as the JSON of
/// domain/json/codec.hpp. docs/payment-provider.md is the contract.
namespace waybill::provider_protocol {

/// Both appended to the provider's URL. An operation's own path is this, `/` and its key, percent-encoded.
inline constexpr std::string_view operations_path = "/v1/operations";
inline constexpr std::string_view close_suffix = "/close";

/// `pending`: the provider has it and does not know the outcome yet.
enum class status : std::uint8_t { pending, approved, declined };
BOOST_DESCRIBE_ENUM(status, pending, approved, declined)

/// The body of a call; its key is the header Idempotency-Key.
struct operation_request {
  payment::operation operation = payment::operation::authorize;
  std::string payment;
  money amount;
  std::string method;
  std::string token;
  /// The provider's reference of the authorisation that a capture, void or refund is about.
  std::string authorization;
};
BOOST_DESCRIBE_STRUCT(operation_request, (), (operation, payment, amount, method, token, authorization))

/// What the provider knows of a key: the answer to a call and to a look-up, and the data of a callback.
struct operation {
  std::string key;
  payment::operation operation = payment::operation::authorize;
  std::string payment;
  money amount;
  provider_protocol::status status = provider_protocol::status::pending;
  std::string reference;
  std::string reason;
};
BOOST_DESCRIBE_STRUCT(operation, (), (key, operation, payment, amount, status, reference, reason))

/// The body of a callback, signed as Standard Webhooks are (domain/webhook/signature.hpp).
struct callback {
  static constexpr std::string_view settled = "payment.operation_settled";
  std::string type;
  provider_protocol::operation data;
};
BOOST_DESCRIBE_STRUCT(callback, (), (type, data))

} // namespace waybill::provider_protocol
