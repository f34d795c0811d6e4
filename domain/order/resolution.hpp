#pragma once

#include "domain/order/order.hpp"

/// What an operator decides of an order that needs attention: the part of order::decide that is about it.
namespace waybill::order {

/// The rows of the transition table for events whose way follows from what they say.
namespace rows {
inline constexpr std::string_view retried_placed = "order.retried/placed";
inline constexpr std::string_view retried_confirmed = "order.retried/confirmed";
inline constexpr std::string_view retried_fulfilling = "order.retried/fulfilling";
inline constexpr std::string_view retried_cancelling = "order.retried/cancelling";
inline constexpr std::string_view resolved_completed = "order.resolved/completed";
inline constexpr std::string_view resolved_cancelled = "order.resolved/cancelled";
} // namespace rows

std::string_view row_of(const retried& e) noexcept;
std::string_view row_of(const resolved& e) noexcept;

result<std::vector<event>> decide_repair(const state& current, const retry& cmd, timestamp now,
                                         const deadlines& limits);
result<std::vector<event>> decide_repair(const state& current, const resolve& cmd);

void apply_repair(state& current, const needs_attention& e);
void apply_repair(state& current, const retried& e);
void apply_repair(state& current, const resolved& e);

} // namespace waybill::order
