#pragma once

#include "domain/order/deferral.hpp"
#include "domain/order/hold.hpp"
#include "domain/order/metadata.hpp"
#include "domain/order/refunds.hpp"
#include "domain/order/revision.hpp"
#include "domain/order/status.hpp"

#include <variant>

/// What an order is asked to do. The commands of later payments, holds, refunds and revisions stand in the headers of
/// these.
namespace waybill::order {

struct place {
  order_id order;
  customer_id customer;
  std::vector<line> lines;
  payment_means payment;
  recipient delivery;
  std::string note;
  std::string fingerprint;
  std::optional<order::metadata> metadata{};
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
/// A courier has the goods already, or has delivered them: the cancellation comes too late.
struct record_cancel_refused {
  delivery_id delivery;
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
/// Continues from needs_attention with the step that failed, under the same command ids and with a new deadline. The
/// same intent again changes nothing, nor does a retry of an order that is under way.
struct retry {
  std::string intent;
  std::string reason;
};
/// Ends an order in needs_attention as an operator says; `outcome` is completed or cancelled. The other members are the
/// states of its payment and delivery, which must not be open.
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
               record_revision_refused, record_revision_closed, record_cancel_refused, pay, record_unpaid>;

} // namespace waybill::order
