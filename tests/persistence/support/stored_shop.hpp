#pragma once

#include "persistence/audit/audit_check.hpp"
#include "tests/persistence/backends.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace waybill::test {

/// A shop on a real database and a provider's ledger beside it, filled through the domain and the journal.
class stored_shop {
public:
  stored_shop(store_config own, store_config ledger);

  /// Makes one product, by default with ten pieces on hand.
  void stock_up(std::int64_t on_hand = 10);

  /// Plays an order for two pieces to its end: delivered and paid.
  order_id complete();

  /// Plays an order until it holds its stock and waits for its payment.
  order_id reserve();

  /// Plays an order until its courier is under way.
  order_id begin_delivery();

  /// The reservation of the order ends by time.
  void expire(const order_id& order);

  /// The row of the order's reservation says that it is live.
  void reopen_reservation(const order_id& order) const;

  /// Plays an order that is cancelled while its payment is authorised.
  order_id cancel();

  /// Plays an order whose lines are revised before its dispatch: two pieces become three.
  order_id complete_revised();

  /// Gives a part of the money of the last completed order back.
  void refund(const std::string& name, std::int64_t cents);

  /// Does the operations one after the other, at the provider and here, under the number of a revision.
  void pay(const order_id& order, const std::vector<payment::operation>& operations, std::uint32_t number = 0);

  void enter(const std::string& key, payment::operation operation, const std::string& payment, const money& amount);

  void deliver(const order_id& order);

  audit_check checker(audit_limits limits = {}) const { return {own_, ledger_, limits}; }

  /// Changes stored data without any event.
  void change(const std::string& sql) const;
  void change_ledger(const std::string& sql) const;

  /// Adds an event behind the last one of a stream, as if by another program.
  void plant_event(const std::string& stream, const std::string& type, const std::string& data);

  const product_id thing_id = make_id<product_id>();
  const money price{650, "EUR"};

private:
  /// Decides the command, and writes its events.
  template <class State, class Command>
  void tell(const std::string& id, State& state, const Command& command);

  store_config own_;
  store_config ledger_;
  std::unique_ptr<journal_store> journal_;
  std::unique_ptr<journal_store> books_;
  product::state product_;
  order::state order_;
  payment::state paid_;
  timestamp time_ = now();
};

/// On a fresh SQLite and a fresh PostgreSQL.
void on_both(const std::function<void(stored_shop&)>& claim);

/// The violations in an audit of all units; throws when a unit comes twice.
violations walk(audit_check checker, std::uint32_t page = 3);

/// One violation a line.
std::string lines_of(const violations& broken);

bool names(const violations& broken, const std::string& invariant, const std::string& subject);

} // namespace waybill::test
