#include "actors/delivery_entity.hpp"

#include "actors/region.hpp"

namespace waybill {

delivery_entity::delivery_entity(delivery_actor::pointer self, entity_start start, delivery_settings settings,
                                 courier_pool_actor couriers)
  : entity(self, std::move(start), settings.region), settings_(settings), couriers_(std::move(couriers)) {}

delivery_actor::behavior_type delivery_entity::make_behavior() {
  return {
    [this](resume_entity&) { count(), resume(); },
    [this](wake_up&) { wake(); },
    [this](retire_entity&) { retire(); },
    [this](describe_entity&) { return count(), answer_description(); },
    [this](request_delivery& command) { return count(), on_request(command); },
    [this](cancel_delivery& command) {
      count();
      return answer_command<delivery::state>(delivery::cancel{command.id}, command.origin,
                                             [this](const outcome&) { return state(); });
    },
    [this](courier_says& command) { return count(), on_word(command); },
    [this](get_delivery&) { return count(), answer_read<delivery::state>([this] { return state(); }); },
  };
}

// -- the entity -------------------------------------------------------------------------------------------------------

result<std::vector<delivery::event>> delivery_entity::decide(const delivery::command& command) {
  return delivery::decide(state(), command, now(), settings_.job);
}

void delivery_entity::describe(append& request, const std::vector<delivery::event>&) {
  request.order = state().order.value;
  request.customer = state().customer.value;
}

std::optional<timestamp> delivery_entity::due() const {
  return look_at_ ? look_at_ : state().step_by;
}

void delivery_entity::forget() {
  looking_ = false;
  told_attempt_ = 0;
  look_at_.reset();
}

std::string delivery_entity::waits_for() const {
  switch (state().status) {
    case delivery::status::requested: return "a courier who has time";
    case delivery::status::offered: return "the answer of courier " + state().courier.value;
    case delivery::status::assigned: return "courier " + state().courier.value + " to start";
    case delivery::status::started: return "courier " + state().courier.value + " to arrive";
    default: return {};
  }
}

// -- commands ---------------------------------------------------------------------------------------------------------

caf::result<delivery::state> delivery_entity::on_request(const request_delivery& command) {
  origin_ = command.origin;

  return answer_command<delivery::state>(
    delivery::request{command.id, command.order, command.customer, command.name, command.address}, command.origin,
    [this](const outcome&) { return state(); });
}

caf::result<delivery::state> delivery_entity::on_word(const courier_says& command) {
  delivery::command word = delivery::accept{command.attempt};
  switch (command.word) {
    case courier_word::accepted: break;
    case courier_word::declined: word = delivery::decline{command.attempt, command.reason}; break;
    case courier_word::started: word = delivery::start{command.attempt}; break;
    case courier_word::completed: word = delivery::complete{command.attempt}; break;
    case courier_word::aborted: word = delivery::abort{command.attempt, command.reason}; break;
  }
  return answer_command<delivery::state>(std::move(word), origin("courier", command.courier.value),
                                         [this](const outcome&) { return state(); });
}

provenance delivery_entity::origin(const std::string& by_kind, const std::string& by_id) const {
  auto result = origin_;
  if (result.correlation_id.empty())
    result.correlation_id = state().order.value;
  result.causation_id = id();
  result.by_kind = by_kind;
  result.by_id = by_id;
  return result;
}

void delivery_entity::record(delivery::command command, const std::string& by_kind, const std::string& by_id) {
  execute(std::move(command), origin(by_kind, by_id), [this](const outcome& what) {
    if (what.error && what.error->code != ec::illegal_transition)
      spdlog::warn("delivery {} could not go on: {}", id(), what.error->detail);
  });
}

// -- the job ----------------------------------------------------------------------------------------------------------

void delivery_entity::pursue() {
  switch (state().status) {
    case delivery::status::requested: look_for_courier(); break;
    case delivery::status::offered:
    case delivery::status::assigned:
    case delivery::status::started: make_offer(); break;
    default: tell_order(); break;
  }
}

void delivery_entity::on_timer() {
  if (look_at_ && *look_at_ <= now()) {
    look_at_.reset();
    look_for_courier();
  }
  if (state().step_by && *state().step_by <= now())
    record(delivery::give_up_attempt{}, "system", "delivery");
}

void delivery_entity::look_for_courier() {
  if (looking_ || look_at_)
    return;
  looking_ = true;
  const auto on_failure = [this](const caf::error&) {
    looking_ = false;
    offer_again_later();
  };
  // Waits in the pool's queue until somebody has time.
  self()
    ->request(couriers_, caf::infinite, find_courier{delivery_id{id()}, state().tried})
    .then(
      [this](const courier_found& found) {
        looking_ = false;
        failures_ = 0;
        record(delivery::offer{found.courier}, "system", "delivery");
      },
      on_failure);
}

void delivery_entity::offer_again_later() {
  look_at_ = now() + backoff(settings_.retry, ++failures_);
  arm(*look_at_);
}

/// The offer is durable before the courier hears of it. After a restart it reminds them of where they were.
void delivery_entity::make_offer() {
  if (told_attempt_ == state().attempt)
    return;
  told_attempt_ = state().attempt;
  self()
    ->request(couriers_, caf::infinite,
              offer_delivery{delivery_id{id()}, state().courier, state().attempt, state().name, state().address,
                             state().status})
    .then([] {},
          [this](const caf::error& reason) {
            spdlog::warn("delivery {}: the courier could not be told: {}", id(), to_failure(reason).detail);
          });
}

/// A hint only: the order also asks by itself now and then. A request, because the error that answers a plain message
/// ends its sender.
void delivery_entity::tell_order() {
  if (order_told_ || state().order.empty())
    return;
  order_told_ = true;
  self()
    ->request(caf::actor_cast<order_actor>(near().orders), caf::infinite, delivery_ended{state().order})
    .then([] {},
          [this](const caf::error& reason) {
            spdlog::debug("delivery {}: its order could not be told: {}", id(), to_failure(reason).detail);
          });
}

// -- the region -------------------------------------------------------------------------------------------------------

namespace {

struct delivery_traits {
  using actor = delivery_actor;
  using region_actor = delivery_region_actor;
  static constexpr entity_kind kind = entity_kind::delivery;
  static constexpr const char* type_name = "delivery";
  static constexpr const char* region_name = "waybill.delivery_region";
  template <class Command>
  static bool creates(const Command&) {
    return std::is_same_v<Command, waybill::request_delivery>;
  }
};

using delivery_region_state =
  region_state<delivery_traits, request_delivery, cancel_delivery, courier_says, get_delivery>;

} // namespace

delivery_region_actor spawn_delivery_region(caf::actor_system& sys, const entity_services& services,
                                            const delivery_settings& settings, const courier_pool_actor& couriers) {
  auto make = [&sys, settings, couriers](entity_start start) -> delivery_actor {
    return sys.spawn<delivery_actor::stateful_impl<delivery_entity>>(std::move(start), settings, couriers);
  };
  return sys.spawn<delivery_region_actor::stateful_impl<delivery_region_state>>(services, settings.region,
                                                                                std::move(make));
}

} // namespace waybill
