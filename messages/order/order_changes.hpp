#pragma once

#include "domain/order/state.hpp"
#include "messages/common.hpp"

/// What people can do to an order besides placing and cancelling it. `expected_version` is the version that the caller
/// saw (If-Match); zero for any.
namespace waybill {

/// Gives captured money back: `amount`, or all that is left. `refund` is new for each refund, the same when the command
/// is repeated.
struct refund_order {
  order_id id;
  refund_id refund;
  std::optional<money> amount;
  std::string reason;
  std::uint64_t expected_version = 0;
  provenance origin;
  viewer on_behalf;
};
BOOST_DESCRIBE_STRUCT(refund_order, (), (id, refund, amount, reason, expected_version, origin, on_behalf))

struct refund_accepted {
  order::state order;
  /// The same request was accepted before.
  bool replayed = false;
};
BOOST_DESCRIBE_STRUCT(refund_accepted, (), (order, replayed))

/// Keeps the order from being dispatched.
struct hold_order {
  order_id id;
  std::string reason;
  std::uint64_t expected_version = 0;
  provenance origin;
  viewer on_behalf;
};
BOOST_DESCRIBE_STRUCT(hold_order, (), (id, reason, expected_version, origin, on_behalf))

struct release_order {
  order_id id;
  std::string reason;
  std::uint64_t expected_version = 0;
  provenance origin;
  viewer on_behalf;
};
BOOST_DESCRIBE_STRUCT(release_order, (), (id, reason, expected_version, origin, on_behalf))

/// Changes an order that is not dispatched; absent fields stay as they are. `lines` are priced. `intent` is new for
/// each change, the same when the command is repeated.
struct change_order {
  order_id id;
  std::string intent;
  std::optional<order::recipient> delivery;
  std::optional<std::string> note;
  std::optional<std::vector<order::line>> lines;
  std::uint64_t expected_version = 0;
  provenance origin;
  viewer on_behalf;
};
BOOST_DESCRIBE_STRUCT(change_order, (), (id, intent, delivery, note, lines, expected_version, origin, on_behalf))

} // namespace waybill
