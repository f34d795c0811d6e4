#pragma once

#include "domain/order/deferral.hpp"
#include "domain/order/hold.hpp"
#include "domain/order/metadata.hpp"
#include "domain/order/refunds.hpp"
#include "domain/order/revision.hpp"
#include "domain/order/status.hpp"

#include <array>

/// What follows from all events of an order.
namespace waybill::order {

/// What an order remembers of having been in needs_attention.
struct attention {
  /// The status before, which a retry leads back to.
  order::status from = order::status::none;
  /// The first of the steps that failed.
  std::string step;
  /// The order's `reason` before.
  std::string reason_before;
  /// The intent of the last retry, and how many there were.
  std::string last_retry;
  std::uint32_t retries = 0;
  /// An operator stated the outcome: it may differ from what the system did.
  bool resolved = false;
};
BOOST_DESCRIBE_STRUCT(attention, (), (from, step, reason_before, last_retry, retries, resolved))

struct state {
  static constexpr std::array hidden{"fingerprint"};
  order_id id;
  customer_id customer;
  order::status status = order::status::none;
  order::payment_status payment_status = order::payment_status::pending;
  order::fulfillment_status fulfillment_status = order::fulfillment_status::none;
  std::vector<line> lines;
  money total;
  payment_means payment;
  recipient delivery;
  std::string note;
  std::string fingerprint;
  bool stock_reserved = false;
  money authorized;
  money captured;
  money refunded;
  courier_id courier;
  /// Why the order was or will be rejected or cancelled, or why it needs attention; otherwise empty.
  std::string reason;
  /// The end of the step under way; none in a final status and in needs_attention.
  std::optional<timestamp> step_by;
  timestamp created_at;
  timestamp updated_at;
  std::uint64_t version = 0;
  /// None for the orders, nearly all, that never were in needs_attention.
  std::optional<order::attention> attention;
  /// In the order of their requests; none for nearly all orders.
  std::optional<std::vector<refund>> refunds;
  /// An operator keeps the order from being dispatched.
  std::optional<order::hold_mark> hold;
  /// None for the orders, nearly all, whose lines were never revised.
  std::optional<order::revisions> revisions;
  /// Not to be dispatched before.
  std::optional<timestamp> dispatch_at;
  /// None while nothing was changed.
  std::optional<order::original> original;
  /// None for orders that were paid when they were placed.
  std::optional<order::deferral> deferral;
  /// What the guards noted about it when it was placed; none for nearly all orders.
  std::optional<order::metadata> metadata{};
};
BOOST_DESCRIBE_STRUCT(state, (),
                      (id, customer, status, payment_status, fulfillment_status, lines, total, payment, delivery, note,
                       fingerprint, stock_reserved, authorized, captured, refunded, courier, reason, step_by,
                       created_at, updated_at, version, attention, refunds, hold, revisions, dispatch_at, original,
                       deferral, metadata))

/// Something is under way or has to be done: not at rest, or a refund is pending.
bool has_work(const state& current) noexcept;

/// It is paid later and nobody has paid yet: only that, or its cancellation, leads it on once its stock is reserved.
bool awaits_payer(const state& current) noexcept;

/// What `Prefer: wait` waits for: settled, or that somebody has to pay and the stock for it is there.
bool is_settled(const state& current) noexcept;

/// An order that was rejected or cancelled says so of its money and its goods, also when nobody ever asked for them:
/// `voided` and `cancelled`. States and events of older versions leave them `pending` and `none`.
void upcast(state& current) noexcept;

/// All refunds of the order.
const std::vector<refund>& refunds_of(const state& current) noexcept;

/// A revision is under way, or gives back what it left over.
bool is_revising(const state& current) noexcept;

} // namespace waybill::order
