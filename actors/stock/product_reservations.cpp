#include "actors/stock/product_entity.hpp"

#include "domain/base/errors.hpp"
#include "domain/base/log.hpp"
#include "domain/order/revision.hpp"
#include "messages/failures.hpp"

#include <string>
#include <unordered_set>
#include <utility>

/// How a product keeps its reservations: what is looked up, what is forgotten, and what is ended because its order is
/// over.
namespace waybill {

namespace {

order_id order_of(const order_id& reservation) {
  return order_id{std::string{order::without_number(reservation.value)}};
}

} // namespace

// -- commits ----------------------------------------------------------------------------------------------------------

/// A reservation that is not in memory is looked up first.
caf::result<stock_answer> product_entity::on_commit(const commit_stock& command) {
  if (exists() && state().reservations.contains(command.order))
    return move(product::commit{command.order, command.quantity}, command.order, command.origin, command.builds_on);
  auto answer = make_reply<stock_answer>(command.builds_on);
  ++look_ups_;
  self()
    ->request(services().reader, bounded_elsewhere, find_reservation{id(), command.order.value})
    .then(
      [this, answer, command](const found_reservation& found) mutable {
        --look_ups_;
        read([this, answer, command, found](const outcome& known) mutable {
          if (known.error) {
            answer.deliver(*known.error);
            return;
          }
          looked_up_.insert_or_assign(command.order, found.reservation);
          carry_out_commit(command, answer);
        });
      },
      [this, answer](const caf::error& reason) mutable {
        --look_ups_;
        answer.deliver(to_failure(reason));
        end_if_retired();
      });
  return answer.promise();
}

void product_entity::carry_out_commit(const commit_stock& command, reply<stock_answer> answer) {
  auto done = [this, answer, order = command.order](const outcome& known) mutable {
    looked_up_.erase(order);
    if (known.error)
      answer.deliver(*known.error);
    else
      answer.deliver(stock_answer{state().id, true, 0});
  };
  execute(product::commit{command.order, command.quantity}, command.origin, std::move(done), 0, command.builds_on);
}

/// A repeated commit must not take the goods twice: the decision must know for certain whether there was a first one,
/// however long the command has waited.
std::optional<failure> product_entity::recall(const order_id& order) {
  if (state().reservations.contains(order))
    return std::nullopt;
  const auto look_up = looked_up_.find(order);
  if (look_up == looked_up_.end())
    return failure{ec::unavailable, "the reservation of " + order.value + " has just left the memory"};
  // Live reservations are always in memory: a row that says so is outdated.
  if (look_up->second && look_up->second->status != product::reservation_status::live)
    mutable_state().reservations.emplace(order, *look_up->second);
  return std::nullopt;
}

// -- closed ones ------------------------------------------------------------------------------------------------------

/// Closed reservations are kept only as long as a command for them may be repeated.
void product_entity::forget_closed() {
  constexpr milliseconds interval{5'000};
  if (now() < next_sweep_)
    return;
  next_sweep_ = now() + interval;
  for (auto& order : product::forget_closed(mutable_state(), now(), settings_.stock))
    forgotten_.push_back(std::move(order));
}

// -- orders that are over ---------------------------------------------------------------------------------------------

/// A reservation whose time is over is not ended by that: its order may be alive, and its goods in a courier's hands.
/// The order is looked up, and the reservation ends if that is over or does not exist.
void product_entity::look_for_overdue() {
  if (asking_ || (none_overdue_before_ && now() < *none_overdue_before_))
    return;
  overdue_ = product::find_overdue(state(), now());
  if (overdue_.empty())
    // Those that come later have a whole time to live.
    none_overdue_before_ = product::next_expiry(state());
  else
    ask_for_orders();
}

/// Asks for the orders of some of the overdue reservations; the others come after the answer, so that neither a query
/// nor an append grows with the number of reservations.
void product_entity::ask_for_orders() {
  std::vector<order_id> asked;
  find_ended_orders question;
  while (!overdue_.empty() && asked.size() < max_ended_orders) {
    question.orders.push_back(order_of(overdue_.back()).value);
    asked.push_back(std::move(overdue_.back()));
    overdue_.pop_back();
  }
  asking_ = !asked.empty();
  if (!asking_)
    return;
  self()
    ->request(services().reader, bounded_elsewhere, std::move(question))
    .then(
      [this, asked](const ended_orders& ended) {
        read([this, asked, ended](const outcome& reply) {
          if (reply.error)
            asking_ = false;
          else
            end_or_prolong(asked, ended);
        });
      },
      [this](const caf::error& reason) {
        asking_ = false;
        log_warning("product {} could not look up the orders of its reservations: {}", id(), to_failure(reason).detail);
      });
}

void product_entity::end_or_prolong(const std::vector<order_id>& asked, const ended_orders& ended) {
  const std::unordered_set<std::string> over(ended.orders.begin(), ended.orders.end());
  product::expire command;
  for (const auto& reservation : asked)
    if (over.contains(order_of(reservation).value))
      command.reservations.push_back(reservation);
    else
      product::prolong(mutable_state(), reservation, now() + settings_.stock.reservation_ttl);
  if (command.reservations.empty()) {
    ask_for_orders();
    return;
  }
  provenance origin;
  origin.correlation_id = id();
  origin.by_id = "stock";
  execute(std::move(command), std::move(origin), [this](const outcome& reply) {
    asking_ = false;
    if (reply.error)
      log_warning("product {} could not end reservations of orders that are over: {}", id(), reply.error->detail);
    else
      ask_for_orders();
  });
}

} // namespace waybill
