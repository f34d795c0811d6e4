#pragma once

#include "domain/delivery.hpp"
#include "domain/order/order.hpp"
#include "domain/payment.hpp"
#include "messages/products.hpp"

#include <optional>
#include <string>

/// What the answer to a request means for the step that it belongs to. Pure: no clock, no I/O.
namespace waybill {

/// A command to be carried out in the name of the system, and what led to it (provenance::causation_id).
struct order_record {
  order::command command;
  std::string causation;
};

/// What an answer means for its step.
struct step_verdict {
  enum class kind {
    /// The answer decides nothing yet: the step asks again later.
    again,
    /// The step is done. What the steps led to is recorded when all that are due are done.
    done,
    /// The answer decides over the order at once: nothing more is asked for until `record` is durable.
    decided
  };

  kind outcome = kind::again;
  std::optional<order_record> record{};
};

/// `<order>/<step>`: what a step's requests and records name as their cause.
std::string causation_of(const order::state& order, order::step step);

/// One of the products of a step has answered. That it is reserved, committed or released counts when all have.
step_verdict verdict_on(order::step step, const order::state& order, const stock_answer& answer);
/// Of all steps but refund_payment.
step_verdict verdict_on(order::step step, const order::state& order, const payment::state& payment);
step_verdict verdict_on(order::step step, const order::state& order, const delivery::state& delivery);
step_verdict verdict_on_refund(const order::state& order, const refund_id& refund, const payment::state& payment);

/// The step reserves stock, and there is not enough.
bool is_rejection(order::step step, const stock_answer& answer) noexcept;

/// Repeating the request would only fail again.
bool is_permanent(const failure& reason) noexcept;

/// None when no revision is under way any more.
std::optional<order_record> refused_revision(const order::state& order, order::refusal because,
                                             const std::string& detail);
/// A courier has the goods, or has delivered them.
order_record refused_cancel(const order::state& order, const std::string& reason);
order_record declined_refund(const order::state& order, const refund_id& refund, const std::string& reason);

/// Gives back: after a cancellation, or because stock or payment said no.
bool is_compensating(const order::state& order) noexcept;

/// All due steps are done: what they led to is recorded together. None when each step records for itself.
std::optional<order_record> record_of_all(const order::state& order, const money& captured, const money& voided);

} // namespace waybill
