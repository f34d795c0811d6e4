#pragma once

#include "actors/order/step_requests.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace waybill {

/// An operator's resolution of an order that needs attention: gives back what the order may still hold, in the reverse
/// order of the saga, and is recorded last: a final order holds nothing (I3). Every request is safe to repeat, so that
/// what a crash interrupts can be asked for again. Pure: no clock, no I/O, no actors.
///
///     delivery -> what a revision left over: payment, stock -> payment -> stock -> record
class order_resolution {
public:
  /// What comes next: nothing while other answers are awaited; requests, to be sent side by side; a refusal, which ends
  /// the resolution; or the command that records its outcome.
  using next_action = std::variant<std::monostate, std::vector<order_request>, failure, order::resolve>;

  /// `outcome` is completed or cancelled.
  order_resolution(order::status outcome, std::string reason, const order::deadlines& limits, milliseconds timeout);

  /// What would be refused in any case is refused before anything is given back. Nothing is to be done if the order has
  /// already ended like that.
  next_action begin(const order::state& order, timestamp now);

  next_action on_answer(const order::state& order, timestamp now, const delivery::state& delivery);
  next_action on_answer(const order::state& order, timestamp now, const payment::state& payment);
  next_action on_answer(const order::state& order, timestamp now, const stock_answer& answer);
  next_action on_failure(const order::state& order, timestamp now, const failure& reason);

  [[nodiscard]] order::status outcome() const { return facts_.outcome; }

private:
  /// Whose answer is awaited.
  enum class stage : std::uint8_t {
    closing_delivery,
    /// It cannot be cancelled: because it is done, or because a courier carries the goods.
    reading_delivery,
    returning_payment,
    returning_stock,
    closing_payment,
    /// It cannot be voided: most likely the money is captured.
    reading_payment,
    closing_stock,
    over
  };

  next_action ask(stage next, std::vector<order_request> requests);
  next_action ask(stage next, order::step step, const order::state& order, timestamp now);
  next_action return_leftover(const order::state& order, timestamp now);
  next_action close_stock(const order::state& order, timestamp now);
  next_action one_answered(const order::state& order, timestamp now);
  next_action refuse(failure reason);
  next_action contradict(const order::state& order, const std::string& because);

  stage stage_ = stage::closing_delivery;
  /// What is known by now of what the order held.
  order::resolve facts_;
  order::deadlines limits_;
  request_times times_;
  /// Requests of the stage that are not answered.
  std::size_t outstanding_ = 0;
};

} // namespace waybill
