#pragma once

#include "domain/base/violation.hpp"
#include "domain/delivery.hpp"
#include "domain/ledger.hpp"
#include "domain/order/order.hpp"
#include "domain/payment.hpp"
#include "domain/product.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What must hold of the events of a stream, of an order and what it holds, and of the payment provider's ledger. Pure:
/// the live auditor and the tests check the same invariants with it. Functions add what does not hold to `broken`.
namespace waybill::invariants {

// -- one event after the other ----------------------------------------------------------------------------------------

/// Applies `event` to `current` and checks what an order must keep by itself (I1).
void follow(order::state& current, const order::event& event, timestamp at, violations& broken);

/// The same of a product (I2), and that nobody reserves twice for one order (I6).
void follow(product::state& current, const product::event& event, timestamp at, violations& broken);

void follow(delivery::state& current, const delivery::event& event, timestamp at, violations& broken);

/// What our events say of one operation at the payment provider.
struct provider_operation {
  payment::operation operation = payment::operation::authorize;
  money amount;
  /// How often it was intended, and how often each outcome was recorded.
  std::uint32_t intents = 0;
  std::uint32_t approvals = 0;
  std::uint32_t declines = 0;

  [[nodiscard]] bool is_open() const noexcept { return intents > approvals + declines; }
};

/// A payment as its events tell it.
struct payment_history {
  payment::state state;
  /// By the provider's idempotency key.
  std::map<std::string, provider_operation> operations;
  /// The sums over all events.
  money authorized;
  money captured;
  money voided;
  money refunded;
};

/// Applies `event` and checks the money (I1) and that each key has one effect at most (I6).
void follow(payment_history& current, const payment::event& event, timestamp at, violations& broken);

// -- what belongs together --------------------------------------------------------------------------------------------

/// A final order holds no open payment and no open delivery, and what happened to the money and the goods is what its
/// status says (I1, I3). Null: there is none. Both must have been read after the order, or in the same moment: what a
/// final order holds was closed before.
void check_final_order(const order::state& order, const payment::state* payment, const delivery::state* delivery,
                       violations& broken);

/// A final order pays under one number only: what was authorised for another revision of it is given back (I1, I3).
void check_spare_payment(const order::state& order, const payment::state& payment, violations& broken);

/// The statuses that the reservations of an order for its present lines may have: one that goes on holds its goods, and
/// what was delivered was taken off the stock (I2). Empty: any, or there need be none.
std::vector<product::reservation_status> allowed_reservations(const order::state& order);

/// Compares what our events and what the provider's ledger say of the operation with `key` (I7); null: unknown there.
/// An operation that is still open here may have any outcome there. The ledger must have been read before the events,
/// except when it has no entry.
void compare_with_ledger(const std::string& key, const provider_operation* ours, const ledger_entry* theirs,
                         violations& broken);

// -- what is stored ---------------------------------------------------------------------------------------------------

/// Compares a stored state with the one that the events lead to (I5); names the members that differ, never their
/// values.
template <class State>
void compare_with_stored(const std::string& subject, const State& replayed, const State& stored, violations& broken);

extern template void compare_with_stored(const std::string&, const order::state&, const order::state&, violations&);
extern template void compare_with_stored(const std::string&, const product::state&, const product::state&, violations&);
extern template void compare_with_stored(const std::string&, const payment::state&, const payment::state&, violations&);
extern template void compare_with_stored(const std::string&, const delivery::state&, const delivery::state&,
                                         violations&);

} // namespace waybill::invariants
