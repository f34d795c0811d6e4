#pragma once

#include "domain/base/ids.hpp"
#include "domain/base/result.hpp"
#include "domain/diagnosis/recorded_event.hpp"
#include "domain/order/status.hpp"
#include "domain/order_view/waiting.hpp"

#include <boost/describe/enum.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// Where the time of an order went: its steps, one after the other, each cut into parts. The parts of a step add up to
/// the step, and the steps to the whole, to the microsecond.
namespace waybill::diagnosis {

using microseconds = std::chrono::microseconds;

/// On what a part was spent. What is stored does not tell how long a commit took: it belongs to `waybill`, as the
/// messages between the actors do.
enum class spent_on : std::uint8_t {
  waybill,
  /// From the intent to the recorded answer of the payment provider.
  provider,
  /// From an offer to the end of that attempt.
  courier,
  /// No courier was free, or the next one had to be found.
  courier_search,
  /// Nobody had paid an order that is paid later.
  payer,
  /// The time after the confirmation in which the order can be changed.
  grace,
  /// An operator held the order.
  hold,
  /// The order needed attention.
  attention
};
BOOST_DESCRIBE_ENUM(spent_on, waybill, provider, courier, courier_search, payer, grace, hold, attention)

/// `inside`: Waybill worked. `outside`: somebody else was asked and had not answered. `waiting`: nobody was asked.
enum class share : std::uint8_t { inside, outside, waiting };
BOOST_DESCRIBE_ENUM(share, inside, outside, waiting)

share share_of(spent_on purpose) noexcept;

struct timeline_part {
  spent_on on = spent_on::waybill;
  timestamp from;
  microseconds took{0};
};

/// One time that somebody outside was asked.
struct timeline_attempt {
  /// `authorize`, `capture`, `void_authorization` or `refund` at the provider; `offer` to a courier.
  std::string of;
  /// Of offers as the delivery counts them, otherwise within the operation; from 1.
  std::uint32_t number = 1;
  /// Who was asked: a courier's id, or the key of the operation.
  std::string asked{};
  timestamp from;
  /// Until the answer was recorded, or until now.
  microseconds took{0};
  /// `authorized`, `declined`, `no_answer`, `captured`, `voided`, `refunded`; of an offer `completed`, `declined`,
  /// `aborted`, `cancelled`; empty while there is none.
  std::string outcome{};
  /// Why it came to nothing.
  std::string reason{};
};

struct timeline_step {
  /// What the order waited for.
  order::waiting reason = order::waiting::nothing;
  timestamp from;
  microseconds took{0};
  bool ended = false;
  std::vector<timeline_part> parts{};
  std::vector<timeline_attempt> attempts{};
};

struct timeline {
  order_id order;
  order::status status = order::status::none;
  timestamp from;
  /// The time in which the order had something to do: until now, or until its end, and after it while a refund was
  /// pending.
  microseconds took{0};
  /// Until a courier had brought it.
  std::optional<microseconds> delivered_after;
  /// False when only the first events were read.
  bool complete = true;
  std::vector<timeline_step> steps;
};

/// The part of a step, or of all steps, that is `which`.
microseconds sum_of(const timeline_step& step, share which) noexcept;
microseconds sum_of(const timeline& whole, share which) noexcept;

/// What the record of one order, which must be complete, tells of its time until `now`. Clocks of nodes differ: an
/// event that seems to be older than the one before it counts as of the same time. Fails with ec::unreadable for an
/// event that this program cannot read, ec::not_found for a record without an order.
result<timeline> timeline_of(const record& events, timestamp now);

} // namespace waybill::diagnosis
