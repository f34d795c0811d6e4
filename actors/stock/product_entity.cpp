#include "actors/stock/product_entity.hpp"

#include "actors/entity/region_actor.hpp"
#include "domain/base/errors.hpp"
#include "domain/base/log.hpp"
#include "domain/order/revision.hpp"

#include <algorithm>

namespace waybill {

product_entity::product_entity(product_actor::pointer self, entity_start start, product_settings settings)
  : entity(self, std::move(start), settings.region), settings_(settings) {}

product_actor::behavior_type product_entity::make_behavior() {
  return {
    [this](resume_entity&) { count(), resume(); },
    [this](wake_up&) { wake(); },
    [this](retire_entity&) { retire(); },
    [this](describe_entity&) { return count(), answer_description(); },
    [this](create_product& command) {
      count();
      return change(std::move(command.create), 0, command.origin);
    },
    [this](get_product&) { return count(), on_get(); },
    [this](change_product& command) {
      count();
      return change(std::move(command.change), command.expected_version, command.origin);
    },
    [this](withdraw_product& command) {
      return count(), change(product::withdraw{}, command.expected_version, command.origin);
    },
    [this](adjust_stock& command) {
      count();
      return change(product::adjust{command.delta, command.reason}, command.expected_version, command.origin);
    },
    [this](adjust_stock_once& command) { return count(), on_adjust_once(command); },
    [this](reserve_stock& command) {
      count();
      return move(product::reserve{command.order, command.quantity, command.reserve_by}, command.order, command.origin,
                  command.builds_on);
    },
    [this](commit_stock& command) { return count(), on_commit(command); },
    [this](release_stock& command) {
      count();
      return move(product::release{command.order, command.reserve_by}, command.order, command.origin,
                  command.builds_on);
    },
  };
}

// -- the entity -------------------------------------------------------------------------------------------------------

result<std::vector<product::event>> product_entity::decide(const product::command& command) {
  if (const auto* commit = std::get_if<product::commit>(&command); commit && exists())
    if (auto unknown = recall(commit->order))
      return *unknown;
  const auto* adjust = std::get_if<product::adjust>(&command);
  if (adjust != nullptr && adjust->adjustment && !new_adjustments_.contains(*adjust->adjustment))
    return failure{ec::unavailable, "the stock was loaded again: whether it was adjusted must be looked up again"};
  return product::decide(state(), command, now(), settings_.stock);
}

void product_entity::describe(append& request, const std::vector<product::event>& events) {
  const auto about = [&](const order_id& order) {
    request.order = std::string{order::without_number(order.value)};
    if (auto held = state().reservations.find(order); held != state().reservations.end())
      request.rows.emplace_back(reservation_row{id(), order.value, held->second});
  };
  for (const auto& event : events) {
    std::visit(
      [&](const auto& x) {
        using type = std::decay_t<decltype(x)>;
        if constexpr (requires { x.order; })
          about(x.order);
        else if constexpr (std::is_same_v<type, product::stock_adjusted>)
          describe_adjustment(request, x);
        else if constexpr (
          std::is_same_v<
            type,
            product::created> || std::is_same_v<type, product::changed> || std::is_same_v<type, product::withdrawn>)
          request.rows.emplace_back(product_row{id(), state().sku, state().name, state().withdrawn});
      },
      event);
  }
  // Some at a time: after a flash sale there are many thousands.
  constexpr std::size_t most_forgotten = 500;
  for (std::size_t i = 0; i < most_forgotten && !forgotten_.empty(); ++i) {
    request.rows.emplace_back(reservation_forgotten{id(), std::move(forgotten_.back().value)});
    forgotten_.pop_back();
  }
}

/// Another product may have the SKU, and whether an adjustment was done before is looked up by its row.
bool product_entity::waits_for_commit(const append& request) const {
  return std::any_of(request.rows.begin(), request.rows.end(), [](const row_change& row) {
    return std::holds_alternative<product_row>(row) || std::holds_alternative<stock_adjustment_row>(row);
  });
}

/// Looks through the reservations from time to time, not on each change: a popular product has thousands.
std::optional<timestamp> product_entity::due() const {
  return state().reserved > 0 ? std::optional{next_sweep_} : std::nullopt;
}

void product_entity::pursue() {
  forget_closed();
}

void product_entity::on_timer() {
  forget_closed();
  look_for_overdue();
}

/// The rows are written together with the events, the snapshot with the last ones of a batch only: the rows are right.
void product_entity::restore(const stored_entity& stored) {
  auto& current = mutable_state();
  for (const auto& row : stored.reservations)
    current.reservations.insert_or_assign(order_id{row.order}, row.reservation);
  // The rows are as new as the stream, the stored state may be older: events that end a reservation were then applied
  // to a state that did not have it. All live ones are among the rows.
  current.reserved = 0;
  for (const auto& [order, held] : current.reservations)
    if (held.status == product::reservation_status::live)
      current.reserved += held.quantity;
}

/// What was looked up may be outdated: another writer was quicker.
void product_entity::forget() {
  looked_up_.clear();
  new_adjustments_.clear();
  overdue_.clear();
  none_overdue_before_.reset();
}

// -- commands ---------------------------------------------------------------------------------------------------------

product_view product_entity::view() const {
  return state();
}

caf::result<product_view> product_entity::on_get() {
  return answer_read<product_view>([this] { return view(); });
}

caf::result<product_view> product_entity::change(product::command command, std::uint64_t expected_version,
                                                 provenance origin) {
  return answer_command<product_view>(
    std::move(command), std::move(origin), [this](const outcome&) { return view(); }, expected_version);
}

caf::result<stock_answer> product_entity::move(product::command command, const order_id& order, provenance origin,
                                               placed_in builds_on) {
  auto view = [this, order](const outcome&) {
    const auto held = state().reservations.find(order);
    if (held == state().reservations.end())
      return stock_answer{state().id, false, state().available()};
    const bool reserved = held->second.status == product::reservation_status::live
                          || held->second.status == product::reservation_status::committed;
    return stock_answer{state().id, reserved, held->second.available};
  };
  return answer_command<stock_answer>(std::move(command), std::move(origin), view, 0, builds_on);
}

// -- the region -------------------------------------------------------------------------------------------------------

product_region_actor spawn_product_region(caf::actor_system& sys, const entity_services& services,
                                          const product_settings& settings) {
  return spawn_region<product_entity>(sys, services, settings.region, settings);
}

} // namespace waybill
