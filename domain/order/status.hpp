#pragma once

#include <boost/describe/enum.hpp>

#include <cstdint>

/// Where an order, its payment and its delivery stand.
namespace waybill::order {

enum class status : std::uint8_t {
  none,
  placed,
  confirmed,
  fulfilling,
  completed,
  rejected,
  cancelling,
  cancelled,
  needs_attention
};
BOOST_DESCRIBE_ENUM(status, none, placed, confirmed, fulfilling, completed, rejected, cancelling, cancelled,
                    needs_attention)

enum class payment_status : std::uint8_t {
  pending,
  unknown,
  authorized,
  declined,
  captured,
  voided,
  refunded,
  partially_refunded,
  /// It is paid later, and nobody has paid yet.
  awaiting
};
BOOST_DESCRIBE_ENUM(payment_status, pending, unknown, authorized, declined, captured, voided, refunded,
                    partially_refunded, awaiting)

enum class fulfillment_status : std::uint8_t { none, requested, delivered, failed, cancelled };
BOOST_DESCRIBE_ENUM(fulfillment_status, none, requested, delivered, failed, cancelled)

/// The saga is over: only refunds can follow, of a completed order.
bool is_final(status s) noexcept;

/// Nothing is under way: final, or waiting for an operator.
bool is_at_rest(status s) noexcept;

/// Confirmed, rejected or any later or final status.
bool is_settled(status s) noexcept;

} // namespace waybill::order
