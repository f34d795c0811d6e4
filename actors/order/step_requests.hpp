#pragma once

#include "domain/order/order.hpp"
#include "messages/cluster/cluster.hpp"
#include "messages/deliveries.hpp"
#include "messages/payments.hpp"
#include "messages/products.hpp"

#include <cstdint>
#include <functional>
#include <variant>
#include <vector>

/// What an order asks of other entities. Pure: no clock, no I/O. Every request is safe to repeat; its `origin` is left
/// empty, for the actor that sends it.
namespace waybill {

/// Answered with a stock_answer.
using stock_request = std::variant<reserve_stock, commit_stock, release_stock>;
/// Answered with the payment's state.
using payment_request = std::variant<authorize_payment, capture_payment, void_payment, refund_payment, get_payment>;
/// Answered with the delivery's state.
using delivery_request = std::variant<request_delivery, cancel_delivery, get_delivery>;

using order_request = std::variant<stock_request, payment_request, delivery_request>;

/// The times that requests name.
struct request_times {
  /// Up to how long after an order was placed its stock can be reserved.
  milliseconds reserve{30'000};
  /// How long a request waits for its answer; a reservation that comes later is not valid any more.
  milliseconds timeout{2'000};
};

/// Calls `add` with each request of `step`, which must be due for `order`. A step that concerns stock asks once for
/// each product, in the order of their ids.
void for_each_request(order::step step, const order::state& order, timestamp now, const request_times& times,
                      const std::function<void(order_request)>& add);

/// The role of the entities that a step asks.
role role_of(order::step step) noexcept;

/// The same requests in a list.
std::vector<order_request> requests_of(order::step step, const order::state& order, timestamp now,
                                       const request_times& times);

/// Asks for the payment that the order's money is authorised under now.
order_request get_payment_of(const order::state& order);

/// How many pieces of `product` the lines have in all.
std::int64_t quantity_of(const std::vector<order::line>& lines, const product_id& product);

/// The first refund of the order that is still to be made; null when there is none.
const order::refund* next_refund(const order::state& order) noexcept;

} // namespace waybill
