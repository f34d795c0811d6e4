#include "persistence/audit/order_unit.hpp"

#include "persistence/audit/replay.hpp"

#include <algorithm>
#include <chrono>

namespace waybill {

namespace {

bool is_over(payment::status status) {
  return status == payment::status::captured || status == payment::status::voided
         || status == payment::status::declined;
}

std::vector<std::string> products_of(const order::state& order) {
  std::vector<std::string> products;
  for (const auto& line : order.lines)
    products.push_back(line.product.value);
  std::sort(products.begin(), products.end());
  products.erase(std::unique(products.begin(), products.end()), products.end());
  return products;
}

} // namespace

/// The order is read before what belongs to it, and the ledger before the payment: what a final order held was given
/// back before it became final, and what the provider has was intended here before.
void order_unit::check() {
  order::state order;
  const auto stored = replay::read_all<order::event>(context_, id_, order);
  if (stored)
    check_row(*stored);
  const auto delivery_stream = sibling_id<delivery_id>(order_id{id_}).value;
  const auto payments = check_payments(order);
  delivery::state delivery;
  const auto stored_delivery = replay::read_all<delivery::event>(context_, delivery_stream, delivery);
  // It keeps its mark of work until the order has heard of its end, and a moment longer.
  constexpr std::chrono::minutes moment{1};
  const bool has_ended = order.version == 0 || (order::is_final(order.status) && order.updated_at < now() - moment);
  if (has_ended && delivery::is_final(delivery.status))
    context_.check_finished(delivery_stream, stored_delivery);
  if (order.version == 0) {
    if (payments.front().state.version > 0 || delivery.version > 0)
      context_.complain("I5", id_, "there is a payment or a delivery of it, but no such order");
  } else if (order::is_final(order.status)) {
    if (!order::has_work(order))
      context_.check_finished(id_, stored);
    check_holdings(order, payments, delivery.version > 0 ? &delivery : nullptr);
  }
}

/// The order's payments, by the number of the revision that they were made for.
std::vector<invariants::payment_history> order_unit::check_payments(const order::state& order) {
  std::vector<std::string> streams;
  for (std::uint32_t number = 0; number <= (order.revisions ? order.revisions->last : 0); ++number)
    streams.push_back(order::payment_of(order_id{id_}, number).value);
  const auto theirs = ledger_.read_entries(context_, streams);
  std::vector<invariants::payment_history> payments;
  for (const auto& stream : streams) {
    auto& payment = payments.emplace_back();
    const auto stored = replay::read_all<payment::event>(context_, stream, payment);
    ledger_.check_payment(context_, stream, payment.state.version > 0 ? &payment : nullptr, theirs);
    if (is_over(payment.state.status) && payment::is_at_rest(payment.state))
      context_.check_finished(stream, stored);
  }
  return payments;
}

/// The list's row and the marks were written together with the stored state or later, without a change of status.
void order_unit::check_row(const audited_entity& stored) {
  const auto kept = decode<order::state>(stored.state);
  if (!kept)
    return;
  const auto& row = stored.listed_order;
  ++context_.report.rows;
  if (!row || row->customer != kept->customer.value || row->status != name_of(kept->status)
      || row->created_at != kept->created_at)
    context_.complain("I5", id_, "the list of orders contradicts the stored order");
  const bool rests = !order::has_work(*kept);
  if (rests == stored.unfinished)
    context_.complain("I3", id_,
                      "it is " + std::string{name_of(kept->status)} + ", and its mark of work says otherwise");
  else if (rests && stored.has_timer)
    context_.complain("I3", id_, "it is " + std::string{name_of(kept->status)} + " and keeps a timer");
}

/// What a final order still holds: payments, its delivery, reservations.
void order_unit::check_holdings(const order::state& order, const std::vector<invariants::payment_history>& payments,
                                const delivery::state* delivery) {
  auto& report = context_.report;
  const auto revised = order.revisions.value_or(order::revisions{});
  for (std::uint32_t number = 0; number < payments.size(); ++number) {
    const auto* payment = payments[number].state.version > 0 ? &payments[number].state : nullptr;
    if (number == revised.payment)
      invariants::check_final_order(order, payment, delivery, report.found);
    else if (payment != nullptr)
      invariants::check_spare_payment(order, *payment, report.found);
  }
  const auto products = products_of(order);
  for (std::uint32_t number = 0; number <= revised.last; ++number) {
    report.rows += products.size();
    const auto holder = order::reservation_of(order.id, number);
    for (const auto& product : find_held_products(context_.store, holder.value, products))
      context_.complain("I3", order.id.value,
                        "it is " + std::string{name_of(order.status)} + ", and " + product
                          + " is still reserved for it");
  }
}

} // namespace waybill
