#pragma once

#include "persistence/database/bulk_statement.hpp"
#include "persistence/journal/batch/batch_plan.hpp"

namespace waybill {

/// The part of a batch that is about the rows of lists: orders, products, reservations, notifications, accounts,
/// couriers and deliveries.
class list_writer {
public:
  /// Makes its statements among `statements`, which outlive it.
  list_writer(bulk_writer& statements, bool sqlite);

  void add(const batch_plan& plan);

private:
  void add_orders(const batch_plan& plan);
  void add_reservations(const batch_plan& plan);
  void add_notifications(const batch_plan& plan);
  void add_accounts(const batch_plan& plan);
  void add_couriers(const batch_plan& plan);

  // Written in this order.
  bulk_statement& new_orders_;
  bulk_statement& changed_orders_;
  bulk_statement& products_;
  bulk_statement& ended_reservations_;
  bulk_statement& forgotten_reservations_;
  bulk_statement& live_reservations_;
  bulk_statement& closed_reservations_;
  bulk_statement& stock_adjustments_;
  bulk_statement& read_notification_;
  bulk_statement& read_all_notifications_;
  bulk_statement& notifications_;
  bulk_statement& users_;
  bulk_statement& service_keys_;
  bulk_statement& couriers_;
  bulk_statement& deliveries_;
};

} // namespace waybill
