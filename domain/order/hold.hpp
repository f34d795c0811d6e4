#pragma once

#include "domain/base/time.hpp"
#include "domain/order/lines.hpp"

#include <string_view>

/// An operator keeps an order from being dispatched until it is released. A held order keeps its stock and its
/// authorisation, so the time is bounded: after it the order is cancelled.
namespace waybill::order {

// -- events -----------------------------------------------------------------------------------------------------------

struct held {
  static constexpr std::string_view type = "order.held";
  person by;
  std::string reason;
  /// When the order is cancelled if nobody has released it.
  timestamp until;
};
BOOST_DESCRIBE_STRUCT(held, (), (by, reason, until))

struct released {
  static constexpr std::string_view type = "order.released";
  person by;
  std::string reason;
  timestamp step_by;
};
BOOST_DESCRIBE_STRUCT(released, (), (by, reason, step_by))

// -- state ------------------------------------------------------------------------------------------------------------

struct hold_mark {
  person by;
  std::string reason;
  timestamp since;
  timestamp until;
};
BOOST_DESCRIBE_STRUCT(hold_mark, (), (by, reason, since, until))

// -- commands ---------------------------------------------------------------------------------------------------------

struct hold {
  person by;
  std::string reason;
};
struct release {
  person by;
  std::string reason;
};

} // namespace waybill::order
