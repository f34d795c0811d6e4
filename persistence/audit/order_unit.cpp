#include "persistence/audit/order_unit.hpp"

#include "domain/order_view/listing.hpp"
#include "persistence/audit/replay.hpp"

#include <algorithm>
#include <chrono>
#include <map>

namespace waybill {

namespace {

bool is_over(payment::status status) {
  return status == payment::status::captured || status == payment::status::voided
         || status == payment::status::declined;
}

std::map<std::string, std::int64_t> quantities_of(const order::state& order) {
  std::map<std::string, std::int64_t> quantities;
  for (const auto& line : order.lines)
    quantities[line.product.value] += line.quantity;
  return quantities;
}

std::vector<std::string> products_of(const order::state& order) {
  std::vector<std::string> products;
  for (const auto& [product, quantity] : quantities_of(order))
    products.push_back(product);
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
    return;
  }
  check_claims(order);
  if (order::is_final(order.status)) {
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
  if (!row || row->customer != kept->customer.value || !order::may_be_listed_as(kept->status, row->status)
      || row->created_at != kept->created_at)
    context_.complain("I5", id_, "the list of orders contradicts the stored order");
  const bool rests = !order::has_work(*kept);
  if (rests == stored.unfinished)
    context_.complain("I3", id_,
                      "it is " + std::string{name_of(kept->status)} + ", and its mark of work says otherwise");
  else if (rests && stored.has_timer)
    context_.complain("I3", id_, "it is " + std::string{name_of(kept->status)} + " and keeps a timer");
}

/// An order that goes on has its goods, and nobody else can get them: its reservations are live until it is delivered,
/// and what was delivered was taken off the stock (I2).
void order_unit::check_claims(const order::state& order) {
  if (find_broken_claims(order).empty())
    return;
  // The order may have moved on since it was read: only both in one moment tell. Then it is looked at again soon.
  const reading_moment moment{context_.store};
  if (find_stream_ends(context_.store, id_, order.version).newest == 0)
    for (auto& detail : find_broken_claims(order))
      context_.complain("I2", order.id.value, std::move(detail));
}

/// What is wrong with the reservations of the order's present lines.
std::vector<std::string> order_unit::find_broken_claims(const order::state& order) {
  const auto allowed = invariants::allowed_reservations(order);
  if (allowed.empty())
    return {};
  const auto holder = order::reservation_of(order.id, order.revisions ? order.revisions->stock : 0);
  const auto rows = find_reservations_under(context_.store, holder.value, products_of(order));
  context_.report.rows += rows.size();
  std::vector<std::string> broken;
  for (const auto& [product, quantity] : quantities_of(order)) {
    const auto row = rows.find(product);
    const bool known = row != rows.end();
    if (known && row->second.quantity == quantity && std::ranges::find(allowed, row->second.status) != allowed.end())
      continue;
    const auto kept = known
                        ? std::string{name_of(row->second.status)} + " and of " + std::to_string(row->second.quantity)
                        : std::string{"not there"};
    broken.push_back("it is " + std::string{name_of(order.status)} + " with " + std::to_string(quantity) + " of "
                     + product + ", and its reservation is " + kept);
  }
  return broken;
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
