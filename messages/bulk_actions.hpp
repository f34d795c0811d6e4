#pragma once

#include "domain/bulk/bulk_action.hpp"
#include "messages/common.hpp"

/// Bulk actions: what an operator does to many orders at once.
namespace waybill {

/// `id` is new, or derived from the caller's idempotency key.
struct start_bulk_action {
  bulk_action_id id;
  bulk::action action = bulk::action::cancel;
  /// Of resolve: completed or cancelled.
  order::status outcome = order::status::cancelled;
  std::string reason;
  bool dry_run = false;
  /// Others were selected as well.
  bool more = false;
  std::vector<order_id> orders;
  std::string fingerprint;
  provenance origin;
};
BOOST_DESCRIBE_STRUCT(start_bulk_action, (), (id, action, outcome, reason, dry_run, more, orders, fingerprint, origin))

struct bulk_action_started {
  bulk::state bulk_action;
  /// The same request had started it before.
  bool replayed = false;
};
BOOST_DESCRIBE_STRUCT(bulk_action_started, (), (bulk_action, replayed))

struct get_bulk_action {
  bulk_action_id id;
};
BOOST_DESCRIBE_STRUCT(get_bulk_action, (), (id))

/// No other order is begun.
struct stop_bulk_action {
  bulk_action_id id;
  provenance origin;
};
BOOST_DESCRIBE_STRUCT(stop_bulk_action, (), (id, origin))

} // namespace waybill
