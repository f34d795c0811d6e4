#pragma once

#include "domain/order/state.hpp"
#include "messages/common.hpp"

namespace waybill {

/// Creates an order from priced lines. `id` was made for this request, then it `is_new`, or follows from the caller's
/// idempotency key.
struct place_order {
  order_id id;
  customer_id customer;
  std::vector<order::line> lines;
  order::payment_means payment;
  order::recipient delivery;
  std::string note;
  std::string fingerprint;
  provenance origin;
  bool is_new = false;
  std::optional<order::metadata> metadata{};
};
BOOST_DESCRIBE_STRUCT(place_order, (),
                      (id, customer, lines, payment, delivery, note, fingerprint, origin, is_new, metadata))

struct order_placed {
  order::state order;
  /// The same request had placed the order before.
  bool replayed = false;
};
BOOST_DESCRIBE_STRUCT(order_placed, (), (order, replayed))

struct get_order {
  order_id id;
  viewer on_behalf;
};
BOOST_DESCRIBE_STRUCT(get_order, (), (id, on_behalf))

/// Answers when the order is settled (order::is_settled), or at rest if `until_at_rest`, or at `deadline` with the
/// state of that moment.
struct await_order {
  order_id id;
  bool until_at_rest = false;
  timestamp deadline;
  viewer on_behalf;
};
BOOST_DESCRIBE_STRUCT(await_order, (), (id, until_at_rest, deadline, on_behalf))

struct cancel_order {
  order_id id;
  std::string reason;
  /// The version that the caller saw (If-Match); zero for any.
  std::uint64_t expected_version = 0;
  provenance origin;
  viewer on_behalf;
};
BOOST_DESCRIBE_STRUCT(cancel_order, (), (id, reason, expected_version, origin, on_behalf))

/// Repeats the step that an order in needs_attention could not do.
struct retry_order {
  order_id id;
  /// New for each retry that an operator asks for, the same when the command is repeated.
  std::string intent;
  std::string reason;
  /// As in cancel_order.
  std::uint64_t expected_version = 0;
  provenance origin;
  viewer on_behalf;
};
BOOST_DESCRIBE_STRUCT(retry_order, (), (id, intent, reason, expected_version, origin, on_behalf))

/// Ends an order in needs_attention as an operator says: `outcome` is completed or cancelled.
struct resolve_order {
  order_id id;
  order::status outcome = order::status::cancelled;
  std::string reason;
  /// As in cancel_order.
  std::uint64_t expected_version = 0;
  provenance origin;
  viewer on_behalf;
};
BOOST_DESCRIBE_STRUCT(resolve_order, (), (id, outcome, reason, expected_version, origin, on_behalf))

/// Pays an order that is paid later.
struct pay_order {
  order_id id;
  order::payment_means payment;
  /// New for each payment that somebody wants to make, the same when the command is repeated.
  std::string intent;
  /// A digest of what pays: another payment under the same idempotency key has another one.
  std::string fingerprint;
  /// As in cancel_order.
  std::uint64_t expected_version = 0;
  provenance origin;
  viewer on_behalf;
};
BOOST_DESCRIBE_STRUCT(pay_order, (), (id, payment, intent, fingerprint, expected_version, origin, on_behalf))

struct order_paid {
  order::state order;
  /// The same payment was taken before.
  bool replayed = false;
};
BOOST_DESCRIBE_STRUCT(order_paid, (), (order, replayed))

/// The delivery of the order may have ended: the order asks it for its state.
struct delivery_ended {
  order_id order;
  placed_in builds_on = {};
};
BOOST_DESCRIBE_STRUCT(delivery_ended, (), (order, builds_on))

} // namespace waybill
