#pragma once

#include "domain/order/order.hpp"

/// The parts of order::decide and order::apply that are about refunds, holds, changes and revisions.
namespace waybill::order {

/// Stock or payment said no: what is left to do is to give the stock back.
bool is_rejecting(const state& s) noexcept;

inline bool is_delivered(const state& s) noexcept {
  return s.fulfillment_status == fulfillment_status::delivered;
}

/// Not dispatched, and certainly no dispatch is under way: a confirmed order that nothing keeps from its dispatch has
/// asked for its delivery, or may have.
bool may_change(const state& s, timestamp now) noexcept;

/// The end of the step that a confirmed order without a revision is in: of its hold, or of its dispatch.
timestamp dispatch_by(const state& s, timestamp now, const deadlines& limits);

/// What the lines cost. Fails with ec::invalid_argument.
result<money> total_of(const std::vector<line>& lines);

// order_refunds.cpp
result<std::vector<event>> decide_change(const state& s, const request_refund& cmd);
result<std::vector<event>> decide_change(const state& s, const record_refunded& cmd);
result<std::vector<event>> decide_change(const state& s, const record_refund_declined& cmd);
void apply_change(state& s, const refund_requested& e, timestamp at);
void apply_change(state& s, const refunded& e, timestamp at);
void apply_change(state& s, const refund_declined& e, timestamp at);

// order_hold.cpp
result<std::vector<event>> decide_change(const state& s, const hold& cmd, timestamp now, const deadlines& limits);
result<std::vector<event>> decide_change(const state& s, const release& cmd, timestamp now, const deadlines& limits);
void apply_change(state& s, const held& e, timestamp at);
void apply_change(state& s, const released& e);

// order_revision.cpp
result<std::vector<event>> decide_change(const state& s, const change& cmd, timestamp now, const deadlines& limits);
result<std::vector<event>> decide_change(const state& s, const revise& cmd, timestamp now, const deadlines& limits);
result<std::vector<event>> decide_change(const state& s, const record_revised& cmd, timestamp now,
                                         const deadlines& limits);
result<std::vector<event>> decide_change(const state& s, const record_revision_refused& cmd, timestamp now,
                                         const deadlines& limits);
result<std::vector<event>> decide_change(const state& s, const record_revision_closed& cmd, timestamp now,
                                         const deadlines& limits);
void apply_change(state& s, const changed& e);
void apply_change(state& s, const revision_requested& e);
void apply_change(state& s, const revised& e);
void apply_change(state& s, const revision_refused& e);
void apply_change(state& s, const revision_closed& e);

} // namespace waybill::order
