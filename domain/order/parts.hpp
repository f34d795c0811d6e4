#pragma once

#include "domain/order/order.hpp"

/// What order::decide and order::apply leave to the files in parts/, and what these share.
namespace waybill::order {

using events = std::vector<event>;
using decision = result<std::vector<event>>;

/// Stock or payment was refused: only the stock must still be given back.
bool is_rejecting(const state& s) noexcept;

inline bool is_delivered(const state& s) noexcept {
  return s.fulfillment_status == fulfillment_status::delivered;
}

/// The provider may hold an authorisation, or may still get a request for one.
bool payment_may_be_open(const state& s) noexcept;

/// Whether the order can still be held or changed: it is not dispatched, and no dispatch can be under way. A confirmed
/// order that nothing keeps from its dispatch has asked for its delivery, or may have.
bool may_change(const state& s, timestamp now) noexcept;

/// The end of the step that a confirmed order without a revision is in: of its hold, or of its dispatch.
timestamp dispatch_by(const state& s, timestamp now, const deadlines& limits);

/// What the lines cost. Fails with ec::invalid_argument.
result<money> total_of(const std::vector<line>& lines);

/// The refusal of an event of `type` in the status `from`.
failure refuse(std::string_view type, status from, std::string_view because = {});

/// The row of the transition table for an event: its type, or, where the event itself says where it leads, one of
/// these (see next_status).
namespace rows {
inline constexpr std::string_view retried_placed = "order.retried/placed";
inline constexpr std::string_view retried_confirmed = "order.retried/confirmed";
inline constexpr std::string_view retried_fulfilling = "order.retried/fulfilling";
inline constexpr std::string_view retried_cancelling = "order.retried/cancelling";
inline constexpr std::string_view resolved_completed = "order.resolved/completed";
inline constexpr std::string_view resolved_cancelled = "order.resolved/cancelled";
} // namespace rows

template <class Event>
std::string_view row_of(const Event&) noexcept {
  return Event::type;
}
std::string_view row_of(const retried& e) noexcept;
std::string_view row_of(const resolved& e) noexcept;

// deferral.cpp
decision decide_part(const state& s, const pay& cmd, timestamp now, const deadlines& limits);
decision decide_part(const state& s, const record_unpaid& cmd, timestamp now, const deadlines& limits);
void apply_part(state& s, const payment_provided& e, timestamp at);

// refunds.cpp
decision decide_part(const state& s, const request_refund& cmd, timestamp now, const deadlines& limits);
decision decide_part(const state& s, const record_refunded& cmd, timestamp now, const deadlines& limits);
decision decide_part(const state& s, const record_refund_declined& cmd, timestamp now, const deadlines& limits);
void apply_part(state& s, const refund_requested& e, timestamp at);
void apply_part(state& s, const refunded& e, timestamp at);
void apply_part(state& s, const refund_declined& e, timestamp at);

// hold.cpp
decision decide_part(const state& s, const hold& cmd, timestamp now, const deadlines& limits);
decision decide_part(const state& s, const release& cmd, timestamp now, const deadlines& limits);
void apply_part(state& s, const held& e, timestamp at);
void apply_part(state& s, const released& e, timestamp at);

// revision.cpp
decision decide_part(const state& s, const change& cmd, timestamp now, const deadlines& limits);
decision decide_part(const state& s, const revise& cmd, timestamp now, const deadlines& limits);
decision decide_part(const state& s, const record_revised& cmd, timestamp now, const deadlines& limits);
decision decide_part(const state& s, const record_revision_refused& cmd, timestamp now, const deadlines& limits);
decision decide_part(const state& s, const record_revision_closed& cmd, timestamp now, const deadlines& limits);
void apply_part(state& s, const changed& e, timestamp at);
void apply_part(state& s, const revision_requested& e, timestamp at);
void apply_part(state& s, const revised& e, timestamp at);
void apply_part(state& s, const revision_refused& e, timestamp at);
void apply_part(state& s, const revision_closed& e, timestamp at);

// resolution.cpp
decision decide_part(const state& s, const retry& cmd, timestamp now, const deadlines& limits);
decision decide_part(const state& s, const resolve& cmd, timestamp now, const deadlines& limits);
void apply_part(state& s, const needs_attention& e, timestamp at);
void apply_part(state& s, const retried& e, timestamp at);
void apply_part(state& s, const resolved& e, timestamp at);

} // namespace waybill::order
