#pragma once

#include "domain/base/result.hpp"
#include "domain/order/commands.hpp"
#include "domain/order/events.hpp"
#include "domain/order/state.hpp"

/// How an order decides: its life as a table of transitions, and the next steps of its saga. Pure: no clock, no I/O.
namespace waybill::order {

/// How long each step of the saga may take in all, retries included.
struct deadlines {
  milliseconds reserve{30'000};
  milliseconds authorize{60'000};
  /// How long after its stock was reserved somebody may pay an order that is paid later.
  milliseconds pay{60 * 60'000};
  milliseconds dispatch{60'000};
  milliseconds deliver{30 * 60'000};
  milliseconds settle{5 * 60'000};
  milliseconds compensate{5 * 60'000};
  milliseconds revise{60'000};
  /// How long after it was placed an order can be held, all holds taken together.
  milliseconds hold{100 * 60'000};
  /// How long a confirmed order waits before it is dispatched, so that it can still be changed.
  milliseconds grace{0};
};

/// The events that `cmd` leads to; none when what it asks for already holds. Fails with ec::illegal_transition when the
/// status forbids it and with ec::idempotency_key_reused when the order was placed by another request.
result<std::vector<event>> decide(const state& current, const command& cmd, timestamp now, const deadlines& limits);

/// The state after `recorded`, which must be an event that `decide` gave for `current` or one read from its stream.
void apply(state& current, const event& recorded, timestamp at);

/// The transition table: the status that an event of `type` leads to from `from`; nothing when it is not allowed there.
/// The event of an operator's decision says where it leads, so each destination has a row: `order.retried/placed`,
/// `order.retried/confirmed`, `order.retried/fulfilling`, `order.retried/cancelling`, `order.resolved/completed`,
/// `order.resolved/cancelled`.
std::optional<status> next_status(status from, std::string_view type) noexcept;

// -- the saga ---------------------------------------------------------------------------------------------------------

/// A request to another entity. Each is safe to repeat under its command id `<order>/<step>`.
enum class step : std::uint8_t {
  reserve_stock,
  authorize_payment,
  request_delivery,
  await_delivery,
  capture_payment,
  commit_stock,
  cancel_delivery,
  void_payment,
  release_stock,
  /// The next refund that was requested.
  refund_payment,
  /// What a revision needs, and what a decided revision gives back.
  reserve_revision,
  authorize_revision,
  return_payment,
  return_stock
};
BOOST_DESCRIBE_ENUM(step, reserve_stock, authorize_payment, request_delivery, await_delivery, capture_payment,
                    commit_stock, cancel_delivery, void_payment, release_stock, refund_payment, reserve_revision,
                    authorize_revision, return_payment, return_stock)

/// The steps to take now, at the same time; the order continues when all of them are done. Empty without work, and
/// while the order is held or waits for somebody to pay. Compensations (in reverse order of what they undo) and the
/// steps of a revision are taken one after the other.
std::vector<step> due_steps(const state& current);

/// A cancellation that the delivery refuses can be taken back: nothing but the delivery was asked to give up yet.
bool can_still_be_delivered(const state& current) noexcept;

/// When the step that ends at `step_by` began, as far as the state tells it. Never later than it did.
timestamp step_began(const state& current, const deadlines& limits) noexcept;

} // namespace waybill::order
