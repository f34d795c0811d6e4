#pragma once

#include "domain/base/time.hpp"
#include "domain/order/lines.hpp"

#include <boost/describe/enum.hpp>

#include <optional>
#include <string_view>

/// Refunds of a completed order: in parts, several times, never more than was captured.
namespace waybill::order {

// -- events -----------------------------------------------------------------------------------------------------------

struct refund_requested {
  static constexpr std::string_view type = "order.refund_requested";
  refund_id refund;
  money amount;
  /// The request named no amount: this was all that was left.
  bool whole = false;
  std::string reason;
  person by;
};
BOOST_DESCRIBE_STRUCT(refund_requested, (), (refund, amount, whole, reason, by))

struct refunded {
  static constexpr std::string_view type = "order.refunded";
  refund_id refund;
  money amount;
};
BOOST_DESCRIBE_STRUCT(refunded, (), (refund, amount))

/// The payment provider refused for good. The amount can be refunded again under a new id.
struct refund_declined {
  static constexpr std::string_view type = "order.refund_declined";
  refund_id refund;
  std::string reason;
};
BOOST_DESCRIBE_STRUCT(refund_declined, (), (refund, reason))

// -- state ------------------------------------------------------------------------------------------------------------

enum class refund_status : std::uint8_t { pending, refunded, declined };
BOOST_DESCRIBE_ENUM(refund_status, pending, refunded, declined)

struct refund {
  refund_id id;
  money amount;
  bool whole = false;
  std::string reason;
  person by;
  refund_status status = refund_status::pending;
  /// Why it was declined.
  std::string decline_reason;
  timestamp requested_at;
  std::optional<timestamp> settled_at;
  /// The versions of the order after the request and after its outcome.
  std::uint64_t requested_version = 0;
  std::uint64_t settled_version = 0;
};
BOOST_DESCRIBE_STRUCT(refund, (),
                      (id, amount, whole, reason, by, status, decline_reason, requested_at, settled_at,
                       requested_version, settled_version))

// -- commands ---------------------------------------------------------------------------------------------------------

/// Without an amount all that is left. The same id again changes nothing.
struct request_refund {
  refund_id refund;
  std::optional<money> amount;
  std::string reason;
  person by;
};
struct record_refunded {
  refund_id refund;
};
struct record_refund_declined {
  refund_id refund;
  std::string reason;
};

} // namespace waybill::order
