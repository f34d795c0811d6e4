#include "actors/order/step_requests.hpp"

#include <algorithm>
#include <utility>

namespace waybill {

namespace {

struct product_quantity {
  product_id product;
  std::int64_t quantity = 0;
};

/// Lines of one product are asked for together. Sorted by product.
std::vector<product_quantity> quantities_of(const std::vector<order::line>& lines) {
  std::vector<product_quantity> sums;
  sums.reserve(lines.size());
  for (const auto& line : lines) {
    auto place = std::lower_bound(sums.begin(), sums.end(), line.product,
                                  [](const product_quantity& sum, const product_id& id) { return sum.product < id; });
    if (place == sums.end() || place->product != line.product)
      place = sums.insert(place, {line.product, 0});
    place->quantity += line.quantity;
  }
  return sums;
}

/// Under which number the order's stock is reserved, and its money authorised.
std::uint32_t stock_number(const order::state& order) {
  return order.revisions ? order.revisions->stock : 0;
}

payment_id current_payment(const order::state& order) {
  return order::payment_of(order.id, order.revisions ? order.revisions->payment : 0);
}

/// Builds the requests of one step.
class step_requests {
public:
  step_requests(const order::state& order, timestamp now, const request_times& times,
                const std::function<void(order_request)>& add)
    : order_(order), now_(now), times_(times), add_(add) {}

  void reserve_stock() const { reserve(0, order_.lines); }

  void reserve_revision() const {
    const auto& revision = *order_.revisions->wanted;
    reserve(revision.number, revision.lines);
  }

  void commit_stock() const {
    const auto reservation = order::reservation_of(order_.id, stock_number(order_));
    for (auto& [product, quantity] : quantities_of(order_.lines))
      add_(stock_request{waybill::commit_stock{std::move(product), reservation, order_.customer, quantity, {}}});
  }

  void release_stock() const {
    const std::optional<timestamp> unknown;
    const auto& known = order_.revisions ? order_.revisions->reserve_by : unknown;
    for (const auto& [product, quantity] : quantities_of(order_.lines))
      release(product, stock_number(order_), known);
  }

  void return_stock() const {
    const auto& leftover = *order_.revisions->leftover;
    for (const auto& product : leftover.products)
      release(product, leftover.stock, leftover.reserve_by);
  }

  void authorize_payment() const { authorize(0, order_.total); }

  void authorize_revision() const { authorize(order_.revisions->wanted->number, order_.revisions->wanted->total); }

  void capture_payment() const { add_(payment_request{waybill::capture_payment{current_payment(order_), {}}}); }

  void void_payment() const { add_(payment_request{waybill::void_payment{current_payment(order_), {}}}); }

  void return_payment() const {
    const auto number = *order_.revisions->leftover->payment;
    add_(payment_request{waybill::void_payment{order::payment_of(order_.id, number), {}}});
  }

  void refund_payment() const {
    if (const auto* refund = next_refund(order_))
      add_(payment_request{waybill::refund_payment{current_payment(order_), refund->id, refund->amount, {}}});
  }

  void request_delivery() const {
    add_(delivery_request{waybill::request_delivery{
      delivery(), order_.id, order_.customer, order_.delivery.name, order_.delivery.address, {}}});
  }

  void get_delivery() const { add_(delivery_request{waybill::get_delivery{delivery()}}); }

  void cancel_delivery() const { add_(delivery_request{waybill::cancel_delivery{delivery(), {}}}); }

private:
  delivery_id delivery() const { return sibling_id<delivery_id>(order_.id); }

  /// Each attempt is valid only as long as its answer is waited for: stock entities can forget it soon after.
  void reserve(std::uint32_t number, const std::vector<order::line>& lines) const {
    const auto reservation = order::reservation_of(order_.id, number);
    const auto reserve_by = now_ + times_.timeout;
    for (auto& [product, quantity] : quantities_of(lines))
      add_(stock_request{
        waybill::reserve_stock{std::move(product), reservation, order_.customer, quantity, reserve_by, {}}});
  }

  /// `known`: up to when the stock could be reserved under `number`, unless absences made that later; an attempt that
  /// is still on its way ends with its time-out.
  void release(const product_id& product, std::uint32_t number, std::optional<timestamp> known) const {
    const auto nominal = number == 0 || !known ? order_.created_at + times_.reserve : *known;
    const auto reserve_by = std::max(nominal, now_ + times_.timeout);
    add_(stock_request{
      waybill::release_stock{product, order::reservation_of(order_.id, number), order_.customer, reserve_by, {}}});
  }

  void authorize(std::uint32_t number, const money& amount) const {
    add_(payment_request{waybill::authorize_payment{order::payment_of(order_.id, number),
                                                    order_.id,
                                                    order_.customer,
                                                    amount,
                                                    order_.payment.method,
                                                    order_.payment.token,
                                                    {}}});
  }

  const order::state& order_;
  timestamp now_;
  const request_times& times_;
  const std::function<void(order_request)>& add_;
};

} // namespace

void for_each_request(order::step step, const order::state& order, timestamp now, const request_times& times,
                      const std::function<void(order_request)>& add) {
  const step_requests requests{order, now, times, add};
  switch (step) {
    case order::step::reserve_stock: return requests.reserve_stock();
    case order::step::authorize_payment: return requests.authorize_payment();
    case order::step::request_delivery: return requests.request_delivery();
    case order::step::await_delivery: return requests.get_delivery();
    case order::step::capture_payment: return requests.capture_payment();
    case order::step::commit_stock: return requests.commit_stock();
    case order::step::cancel_delivery: return requests.cancel_delivery();
    case order::step::void_payment: return requests.void_payment();
    case order::step::release_stock: return requests.release_stock();
    case order::step::refund_payment: return requests.refund_payment();
    case order::step::reserve_revision: return requests.reserve_revision();
    case order::step::authorize_revision: return requests.authorize_revision();
    case order::step::return_payment: return requests.return_payment();
    case order::step::return_stock: return requests.return_stock();
  }
}

role role_of(order::step step) noexcept {
  switch (step) {
    case order::step::reserve_stock:
    case order::step::commit_stock:
    case order::step::release_stock:
    case order::step::reserve_revision:
    case order::step::return_stock: return role::inventory;
    case order::step::request_delivery:
    case order::step::await_delivery:
    case order::step::cancel_delivery: return role::delivery;
    default: return role::payment;
  }
}

std::vector<order_request> requests_of(order::step step, const order::state& order, timestamp now,
                                       const request_times& times) {
  std::vector<order_request> requests;
  for_each_request(step, order, now, times, [&](order_request request) { requests.push_back(std::move(request)); });
  return requests;
}

order_request get_payment_of(const order::state& order) {
  return payment_request{get_payment{current_payment(order)}};
}

std::int64_t quantity_of(const std::vector<order::line>& lines, const product_id& product) {
  std::int64_t sum = 0;
  for (const auto& line : lines)
    if (line.product == product)
      sum += line.quantity;
  return sum;
}

const order::refund* next_refund(const order::state& order) noexcept {
  for (const auto& refund : order::refunds_of(order))
    if (refund.status == order::refund_status::pending)
      return &refund;
  return nullptr;
}

} // namespace waybill
