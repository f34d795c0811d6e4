#pragma once

#include "domain/order/order.hpp"
#include "domain/order_view/waiting.hpp"

#include <cstdint>
#include <optional>

/// An order as its events tell it, one after the other.
namespace waybill::order {

/// Follows the events of one order from the first on.
class history {
public:
  /// `recorded` must be the next event of the order's stream.
  void add(const event& recorded, timestamp at);

  [[nodiscard]] const state& present() const noexcept { return state_; }
  [[nodiscard]] waiting reason() const noexcept { return reason_; }
  /// Since when it waits for that, or, of nothing, when it was over.
  [[nodiscard]] timestamp since() const noexcept { return since_; }

private:
  state state_;
  waiting reason_ = waiting::nothing;
  timestamp since_;
};

} // namespace waybill::order
