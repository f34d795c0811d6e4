#pragma once

#include "domain/base/errors.hpp"
#include "domain/base/ids.hpp"
#include "domain/base/money.hpp"
#include "domain/base/time.hpp"
#include "domain/order/hold.hpp"
#include "domain/order/lines.hpp"
#include "domain/order/refunds.hpp"
#include "domain/order/revision.hpp"

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

/// What an order is: its life as a table of transitions, and the next steps of its saga. Pure: no clock, no I/O.
namespace waybill::order {

enum class status : std::uint8_t {
  none,
  placed,
  confirmed,
  fulfilling,
  completed,
  rejected,
  cancelling,
  cancelled,
  needs_attention
};
BOOST_DESCRIBE_ENUM(status, none, placed, confirmed, fulfilling, completed, rejected, cancelling, cancelled,
                    needs_attention)

enum class payment_status : std::uint8_t {
  pending,
  unknown,
  authorized,
  declined,
  captured,
  voided,
  refunded,
  partially_refunded
};
BOOST_DESCRIBE_ENUM(payment_status, pending, unknown, authorized, declined, captured, voided, refunded,
                    partially_refunded)

enum class fulfillment_status : std::uint8_t { none, requested, delivered, failed, cancelled };
BOOST_DESCRIBE_ENUM(fulfillment_status, none, requested, delivered, failed, cancelled)

/// How the customer pays. `token` stands for a card at the provider: it is never logged nor shown.
struct payment_means {
  std::string method;
  std::string token;
};
BOOST_DESCRIBE_STRUCT(payment_means, (), (method, token))

/// How long each step of the saga may take in all, retries included.
struct deadlines {
  milliseconds reserve{30'000};
  milliseconds authorize{60'000};
  milliseconds dispatch{60'000};
  milliseconds deliver{30 * 60'000};
  milliseconds settle{5 * 60'000};
  milliseconds compensate{5 * 60'000};
  milliseconds revise{60'000};
  /// How long after it was placed an order can be held, all holds taken together: its reservations live longer.
  milliseconds hold{100 * 60'000};
  /// How long a confirmed order waits before it is dispatched, so that it can still be changed.
  milliseconds grace{0};
};

// -- events -----------------------------------------------------------------------------------------------------------

struct placed {
  static constexpr std::string_view type = "order.placed";
  order_id order;
  customer_id customer;
  std::vector<line> lines;
  money total;
  payment_means payment;
  recipient delivery;
  std::string note;
  /// Tells requests under one idempotency key apart: a digest of the caller's body.
  std::string fingerprint;
  timestamp step_by;
};
BOOST_DESCRIBE_STRUCT(placed, (), (order, customer, lines, total, payment, delivery, note, fingerprint, step_by))

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
  /// No courier could complete the delivery; otherwise somebody wanted the cancellation or a deadline passed.
  bool undeliverable = false;
  timestamp step_by;
};
BOOST_DESCRIBE_STRUCT(cancel_requested, (), (reason, undeliverable, step_by))

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

/// The saga cannot go on by itself; an operator must look at it.
struct needs_attention {
  static constexpr std::string_view type = "order.needs_attention";
  std::string step;
  std::string reason;
};
BOOST_DESCRIBE_STRUCT(needs_attention, (), (step, reason))

/// An operator wants the order to go on with what it could not do.
struct retried {
  static constexpr std::string_view type = "order.retried";
  /// Where the order goes on: `placed` (it is being rejected), `confirmed` (a revision gives back), `fulfilling` or
  /// `cancelling`.
  order::status to = order::status::cancelling;
  std::string step;
  std::string reason;
  /// Tells a repeated command from the wish to retry once more.
  std::string intent;
  timestamp step_by;
};
BOOST_DESCRIBE_STRUCT(retried, (), (to, step, reason, intent, step_by))

/// An operator has settled by hand what the order could not do. Everything that it still held was given back before:
/// this says what was found then. `completed` or `cancelled` follows in the same append.
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

using event =
  std::variant<placed, stock_reserved, stock_rejected, payment_authorized, payment_declined, payment_unknown, confirmed,
               rejected, fulfillment_started, delivered, payment_captured, completed, cancel_requested, compensated,
               cancelled, needs_attention, retried, resolved, refund_requested, refunded, refund_declined, held,
               released, changed, revision_requested, revised, revision_refused, revision_closed>;

// -- state ------------------------------------------------------------------------------------------------------------

/// What an order remembers of having needed an operator.
struct attention {
  /// The status in which it could not go on, and where a retry leads back to.
  order::status from = order::status::none;
  /// The first of the steps that could not be done.
  std::string step;
  /// What `reason` said before.
  std::string reason_before;
  /// The intent of the last retry, and how many there were.
  std::string last_retry;
  std::uint32_t retries = 0;
  /// An operator stated the outcome: it may differ from what the system did.
  bool resolved = false;
};
BOOST_DESCRIBE_STRUCT(attention, (), (from, step, reason_before, last_retry, retries, resolved))

struct state {
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
  /// Why the order was or will be rejected or cancelled, or what needs attention; empty while all is well.
  std::string reason;
  /// The end of the step under way; none in a final status and in needs_attention.
  std::optional<timestamp> step_by;
  timestamp created_at;
  timestamp updated_at;
  std::uint64_t version = 0;
  /// None for the orders, nearly all, that never needed any.
  std::optional<order::attention> attention;
  /// In the order of their requests; none for nearly all orders.
  std::optional<std::vector<refund>> refunds;
  /// An operator keeps the order from being dispatched.
  std::optional<order::hold_mark> hold;
  /// None for the orders, nearly all, whose lines were never to be others.
  std::optional<order::revisions> revisions;
  /// Not to be dispatched before.
  std::optional<timestamp> dispatch_at;
  /// None while it is what was ordered.
  std::optional<order::original> original;
};
BOOST_DESCRIBE_STRUCT(state, (),
                      (id, customer, status, payment_status, fulfillment_status, lines, total, payment, delivery, note,
                       fingerprint, stock_reserved, authorized, captured, refunded, courier, reason, step_by,
                       created_at, updated_at, version, attention, refunds, hold, revisions, dispatch_at, original))

/// The saga is over: only refunds can follow, of a completed order.
bool is_final(status s) noexcept;

/// Nothing is under way: final, or waiting for an operator.
bool is_at_rest(status s) noexcept;

/// Something is under way or has to be done: not at rest, or a refund is.
bool has_work(const state& current) noexcept;

/// All refunds of the order.
const std::vector<refund>& refunds_of(const state& current) noexcept;

/// A revision is under way, or gives back what it left over.
bool is_revising(const state& current) noexcept;

/// What `Prefer: wait` waits for: confirmed, rejected or any later or final status.
bool is_settled(status s) noexcept;

// -- commands ---------------------------------------------------------------------------------------------------------

struct place {
  order_id order;
  customer_id customer;
  std::vector<line> lines;
  payment_means payment;
  recipient delivery;
  std::string note;
  std::string fingerprint;
};
struct record_stock_reserved {};
struct record_stock_rejected {
  product_id product;
  std::int64_t requested = 0;
  std::int64_t available = 0;
};
struct record_payment_authorized {
  money amount;
};
struct record_payment_declined {
  std::string reason;
};
struct record_payment_unknown {};
struct record_fulfillment_started {
  delivery_id delivery;
};
struct record_delivered {
  courier_id courier;
};
struct record_delivery_failed {
  std::string reason;
};
/// Money captured and stock committed: the order is complete.
struct record_settled {
  money captured;
};
struct request_cancel {
  std::string reason;
};
/// All compensations are done: ends a rejection or a cancellation.
struct record_compensated {
  money voided;
  money refunded;
};
/// The step under way was refused for good or its deadline passed.
struct give_up_step {
  std::string reason;
};
/// Goes on from needs_attention with the step that could not be done, under the same command ids and with a fresh
/// deadline. The same intent again changes nothing, nor does a retry of an order that is under way.
struct retry {
  std::string intent;
  std::string reason;
};
/// Ends an order that needs attention as an operator says it ended; `outcome` is completed or cancelled. The rest is
/// what became of what the order held; nothing may be open.
struct resolve {
  order::status outcome = order::status::cancelled;
  std::string reason;
  order::payment_status payment = order::payment_status::voided;
  money captured{};
  order::fulfillment_status fulfillment = order::fulfillment_status::cancelled;
};

using command =
  std::variant<place, record_stock_reserved, record_stock_rejected, record_payment_authorized, record_payment_declined,
               record_payment_unknown, record_fulfillment_started, record_delivered, record_delivery_failed,
               record_settled, request_cancel, record_compensated, give_up_step, retry, resolve, request_refund,
               record_refunded, record_refund_declined, hold, release, change, revise, record_revised,
               record_revision_refused, record_revision_closed>;

/// The events that `cmd` leads to; none when what it asks for already holds. Fails with ec::illegal_transition when the
/// status forbids it and with ec::idempotency_key_reused when the order was placed by another request.
result<std::vector<event>> decide(const state& current, const command& cmd, timestamp now, const deadlines& limits);

/// The state after `what`, which must be an event that `decide` gave for `current` or one read from its stream.
void apply(state& current, const event& what, timestamp at);

/// The transition table: the status that an event of `type` leads to from `from`; nothing when it is not allowed there.
/// Where an operator's decision leads is said by its event, so that those have a row for each: `order.retried/placed`,
/// `order.retried/confirmed`, `order.retried/fulfilling`, `order.retried/cancelling`, `order.resolved/completed`,
/// `order.resolved/cancelled`.
std::optional<status> next_status(status from, std::string_view type) noexcept;

// -- the saga ---------------------------------------------------------------------------------------------------------

/// Something to ask another entity for. Each is safe to repeat under its command id `<order>/<step>`.
enum class step : std::uint8_t {
  reserve_stock,
  authorize_payment,
  request_delivery,
  await_delivery,
  capture_payment,
  commit_stock,
  cancel_delivery,
  void_payment,
  release_stock,
  /// The next refund that was requested.
  refund_payment,
  /// What a revision needs, and what one that was decided gives back.
  reserve_revision,
  authorize_revision,
  return_payment,
  return_stock
};
BOOST_DESCRIBE_ENUM(step, reserve_stock, authorize_payment, request_delivery, await_delivery, capture_payment,
                    commit_stock, cancel_delivery, void_payment, release_stock, refund_payment, reserve_revision,
                    authorize_revision, return_payment, return_stock)

/// The steps to take now, side by side; the order moves on when all of them are done. Empty without work, and while the
/// order is held. Compensations come in reverse order of what they undo, one after the other, and so do the steps of a
/// revision.
std::vector<step> due_steps(const state& current);

} // namespace waybill::order
