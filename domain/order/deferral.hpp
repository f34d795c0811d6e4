#pragma once

#include "domain/base/time.hpp"
#include "domain/order/lines.hpp"

#include <optional>
#include <string_view>

/// Orders that are paid later. Their goods are reserved at once; somebody then pays within `deadlines::pay`, or the
/// order is cancelled. What decides who was first is the order of the events: whoever pays second, or after the
/// cancellation, is refused.
namespace waybill::order {

/// The payment method of an order that is paid later. A token that comes with it stands for a card that nobody has
/// charged yet.
inline constexpr std::string_view deferred_method = "deferred";

/// The reason of an order that was cancelled because nobody has paid it in time.
inline constexpr std::string_view unpaid = "not_paid_in_time";

// -- events -----------------------------------------------------------------------------------------------------------

/// Somebody pays: the authorisation follows as for an order that was paid at once.
struct payment_provided {
  static constexpr std::string_view type = "order.payment_provided";
  static constexpr std::array hidden{"fingerprint"};
  payment_means payment;
  /// Tells a repeated request from another payer.
  std::string intent;
  std::string fingerprint;
  person by;
  timestamp step_by;
};
BOOST_DESCRIBE_STRUCT(payment_provided, (), (payment, intent, fingerprint, by, step_by))

// -- state ------------------------------------------------------------------------------------------------------------

/// What an order remembers of being paid later. Before it is paid all members are empty.
struct deferral {
  static constexpr std::array hidden{"fingerprint"};
  std::string intent;
  std::string fingerprint;
  /// When somebody paid, whatever the provider said to it.
  std::optional<timestamp> paid_at;
  /// The version of the order after it was paid.
  std::uint64_t paid_version = 0;
};
BOOST_DESCRIBE_STRUCT(deferral, (), (intent, fingerprint, paid_at, paid_version))

// -- commands ---------------------------------------------------------------------------------------------------------

struct pay {
  payment_means payment;
  std::string intent;
  std::string fingerprint;
  person by;
};
/// The time to pay is over. Changes nothing when somebody has paid.
struct record_unpaid {};

} // namespace waybill::order
