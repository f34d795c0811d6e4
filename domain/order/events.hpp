#pragma once

#include "domain/order/deferral.hpp"
#include "domain/order/hold.hpp"
#include "domain/order/metadata.hpp"
#include "domain/order/refunds.hpp"
#include "domain/order/revision.hpp"
#include "domain/order/status.hpp"

#include <array>
#include <variant>

/// What has happened to an order. The events of its later payment, holds, refunds and revisions stand in the headers of
/// these.
namespace waybill::order {

struct placed {
  static constexpr std::string_view type = "order.placed";
  static constexpr std::array hidden{"fingerprint"};
  order_id order;
  customer_id customer;
  std::vector<line> lines;
  money total;
  payment_means payment;
  recipient delivery;
  std::string note;
  /// A digest of the request: another request under the same idempotency key has another one.
  std::string fingerprint;
  timestamp step_by;
  /// Whoever pays does so later. A mark, not the method: before there were such orders a method could be any word.
  std::optional<bool> pays_later{};
  /// What the guards noted about it; none for nearly all orders.
  std::optional<order::metadata> metadata{};
};
BOOST_DESCRIBE_STRUCT(placed, (),
                      (order, customer, lines, total, payment, delivery, note, fingerprint, step_by, pays_later,
                       metadata))

struct stock_reserved {
  static constexpr std::string_view type = "order.stock_reserved";
  timestamp step_by;
};
BOOST_DESCRIBE_STRUCT(stock_reserved, (), (step_by))

struct stock_rejected {
  static constexpr std::string_view type = "order.stock_rejected";
  product_id product;
  std::int64_t requested = 0;
  std::int64_t available = 0;
  timestamp step_by;
};
BOOST_DESCRIBE_STRUCT(stock_rejected, (), (product, requested, available, step_by))

struct payment_authorized {
  static constexpr std::string_view type = "order.payment_authorized";
  money amount;
};
BOOST_DESCRIBE_STRUCT(payment_authorized, (), (amount))

struct payment_declined {
  static constexpr std::string_view type = "order.payment_declined";
  std::string reason;
  timestamp step_by;
};
BOOST_DESCRIBE_STRUCT(payment_declined, (), (reason, step_by))

/// The provider has not answered; it is asked until it does or the step's deadline passes.
struct payment_unknown {
  static constexpr std::string_view type = "order.payment_unknown";
};
BOOST_DESCRIBE_STRUCT(payment_unknown, (), ())

struct confirmed {
  static constexpr std::string_view type = "order.confirmed";
  timestamp step_by;
  /// Not to be dispatched before; none: at once.
  std::optional<timestamp> dispatch_at{};
};
BOOST_DESCRIBE_STRUCT(confirmed, (), (step_by, dispatch_at))

struct rejected {
  static constexpr std::string_view type = "order.rejected";
  std::string reason;
};
BOOST_DESCRIBE_STRUCT(rejected, (), (reason))

struct fulfillment_started {
  static constexpr std::string_view type = "order.fulfillment_started";
  delivery_id delivery;
  timestamp step_by;
};
BOOST_DESCRIBE_STRUCT(fulfillment_started, (), (delivery, step_by))

struct delivered {
  static constexpr std::string_view type = "order.delivered";
  courier_id courier;
  timestamp step_by;
};
BOOST_DESCRIBE_STRUCT(delivered, (), (courier, step_by))

struct payment_captured {
  static constexpr std::string_view type = "order.payment_captured";
  money amount;
};
BOOST_DESCRIBE_STRUCT(payment_captured, (), (amount))

struct completed {
  static constexpr std::string_view type = "order.completed";
};
BOOST_DESCRIBE_STRUCT(completed, (), ())

struct cancel_requested {
  static constexpr std::string_view type = "order.cancel_requested";
  std::string reason;
  /// No courier could complete the delivery; otherwise the cancellation was requested or a deadline passed.
  bool undeliverable = false;
  timestamp step_by;
};
BOOST_DESCRIBE_STRUCT(cancel_requested, (), (reason, undeliverable, step_by))

/// The delivery could not be called off: a courier is under way with the goods, or has handed them over. The order goes
/// on, and what is delivered is paid.
struct cancel_refused {
  static constexpr std::string_view type = "order.cancel_refused";
  delivery_id delivery;
  std::string reason;
  timestamp step_by;
};
BOOST_DESCRIBE_STRUCT(cancel_refused, (), (delivery, reason, step_by))

/// Everything was given back: the stock is released, the authorisation voided or the captured money refunded.
struct compensated {
  static constexpr std::string_view type = "order.compensated";
  /// What had been authorised and is authorised no more.
  money voided;
  money refunded;
};
BOOST_DESCRIBE_STRUCT(compensated, (), (voided, refunded))

struct cancelled {
  static constexpr std::string_view type = "order.cancelled";
  std::string reason;
};
BOOST_DESCRIBE_STRUCT(cancelled, (), (reason))

/// The saga cannot continue by itself; an operator must decide.
struct needs_attention {
  static constexpr std::string_view type = "order.needs_attention";
  std::string step;
  std::string reason;
};
BOOST_DESCRIBE_STRUCT(needs_attention, (), (step, reason))

/// An operator lets the order repeat the step that failed.
struct retried {
  static constexpr std::string_view type = "order.retried";
  /// The status in which the order continues: `placed` (it is being rejected), `confirmed` (a revision gives back its
  /// leftover), `fulfilling` or `cancelling`.
  order::status to = order::status::cancelling;
  std::string step;
  std::string reason;
  /// Tells a repeated command from another retry.
  std::string intent;
  timestamp step_by;
};
BOOST_DESCRIBE_STRUCT(retried, (), (to, step, reason, intent, step_by))

/// An operator has stated the outcome of the order. Everything that it still held was given back before; this is the
/// state of its payment and delivery after that. `completed` or `cancelled` follows in the same append.
struct resolved {
  static constexpr std::string_view type = "order.resolved";
  order::status outcome = order::status::cancelled;
  std::string reason;
  /// captured, voided or declined: nothing is open.
  order::payment_status payment = order::payment_status::voided;
  /// What had been authorised and is authorised no more.
  money voided;
  money captured;
  /// delivered, failed or cancelled.
  order::fulfillment_status fulfillment = order::fulfillment_status::cancelled;
};
BOOST_DESCRIBE_STRUCT(resolved, (), (outcome, reason, payment, voided, captured, fulfillment))

using event = std::variant<placed, stock_reserved, stock_rejected, payment_authorized, payment_declined,
                           payment_unknown, confirmed, rejected, fulfillment_started, delivered, payment_captured,
                           completed, cancel_requested, compensated, cancelled, needs_attention, retried, resolved,
                           refund_requested, refunded, refund_declined, held, released, changed, revision_requested,
                           revised, revision_refused, revision_closed, cancel_refused, payment_provided>;

} // namespace waybill::order
