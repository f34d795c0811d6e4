#pragma once

#include "domain/order/state.hpp"

#include <boost/describe/enum.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

/// What an order waits for, as people ask for it. It follows from the order's state alone, so that an order which has
/// left the memory waits for the same as one that has not.
namespace waybill::order {

enum class waiting : std::uint8_t {
  /// A final order without a pending refund.
  nothing,
  stock,
  /// The authorisation of the payment.
  payment,
  /// Somebody to pay: it is paid later.
  payer,
  /// Its grace, or the answer of the delivery that it asked for.
  dispatch,
  /// Other lines: stock and money for them, or what they left over being given back.
  revision,
  /// An operator holds it.
  release,
  courier,
  /// Delivered: the capture of the money, and that the stock is taken off.
  settlement,
  /// What it holds is being given back, after a rejection or a cancellation.
  compensation,
  refund,
  /// needs_attention.
  attention
};
BOOST_DESCRIBE_ENUM(waiting, nothing, stock, payment, payer, dispatch, revision, release, courier, settlement,
                    compensation, refund, attention)

waiting waiting_of(const state& current) noexcept;

/// `stock`, `payment`, ..., and `operator` for attention; empty for nothing.
std::string_view word_for(waiting reason) noexcept;
/// All of them, in the order of an order's life.
std::vector<std::string_view> waiting_words();
/// Nothing for a word that is none of those above.
std::optional<waiting> to_waiting(std::string_view word) noexcept;

/// The statuses in which an order can wait for that.
std::span<const status> statuses_of(waiting reason) noexcept;

} // namespace waybill::order
