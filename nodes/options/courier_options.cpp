#include "nodes/options/option_kinds.hpp"

#include <algorithm>

namespace waybill {

namespace {

using namespace option_kinds;

constexpr std::array<std::pair<std::string_view, courier_pool_kind>, 3> pools{
  {{"mixed", courier_pool_kind::mixed},
   {"simulated", courier_pool_kind::simulated},
   {"real", courier_pool_kind::real}}};

} // namespace

std::vector<option> courier_options() {
  return {
    number("delivery-max-attempts", "a delivery fails after so many unsuccessful offers", 1, 1'000,
           AT(deliveries.job.max_attempts)),
    duration("delivery-answer-within", "a courier must answer an offer within", shortest,
             AT(deliveries.job.answer_within)),
    duration("delivery-start-within", "a courier must start within", shortest, AT(deliveries.job.start_within)),
    duration("delivery-finish-within", "a courier must finish within", shortest, AT(deliveries.job.finish_within)),
    duration("delivery-retry-first", "deliveries: first wait before a repetition", shortest,
             AT(deliveries.retry.first)),
    duration("delivery-retry-longest", "deliveries: longest wait before a repetition", shortest,
             AT(deliveries.retry.longest)),
    duration("delivery-request-timeout", "deliveries: a single request may take", shortest,
             AT(deliveries.retry.request_timeout)),
    duration("delivery-idle", "an idle delivery leaves the memory after", shortest, AT(deliveries.region.idle_timeout)),
    number("delivery-max-waiting", "commands that wait for one delivery", 1, max_count,
           AT(deliveries.region.max_waiting)),
    duration("delivery-find-within", "a delivery that no courier accepts fails after", shortest,
             AT(deliveries.job.find_within)),
    duration("delivery-ask-again-after",
             "a courier who declined an offer, or let it pass, gets no other one of the delivery for", instantly,
             AT(deliveries.job.ask_again_after)),
    toggle("delivery-list", "on: all deliveries can be listed, not only real couriers' (default: on with only those)",
           AT(deliveries.listed)),
    choice("courier-pool",
           "who brings the orders: real couriers, who use the API; simulated ones; mixed: real ones who are online and "
           "have time, simulated ones for the rest",
           pools, AT(deliveries.pool)),
    duration("courier-look-interval", "real couriers: how often waiting deliveries look for one", shortest,
             AT(dispatch.look_interval)),
    duration("courier-check-interval",
             "real couriers: how soon they ask whether their deliveries are still theirs, then ever less often",
             shortest, AT(courier_entities.check_interval)),
    duration("courier-idle", "an idle courier leaves the memory after", shortest,
             AT(courier_entities.region.idle_timeout)),
    number("courier-max-waiting", "commands that wait for one courier", 1, max_count,
           AT(courier_entities.region.max_waiting)),
    number("couriers", "simulated couriers of a delivery node", 1, 1'000'000, AT(couriers.pool_size)),
    duration("courier-shortest-delay", "couriers: shortest time for each step", instantly, AT(couriers.shortest_delay)),
    duration("courier-longest-delay", "couriers: longest time for each step", instantly, AT(couriers.longest_delay)),
    number("courier-decline-percent", "couriers: how often an offer is declined", 0, 100, AT(couriers.decline_percent)),
    number("courier-abort-percent", "couriers: how often a delivery is aborted half-way", 0, 100,
           AT(couriers.abort_percent)),
    number("courier-vanish-percent", "couriers: how often a courier with a delivery stops answering", 0, 100,
           AT(couriers.vanish_percent)),
  };
}

void apply_courier_defaults(loaded_config& loaded) {
  const auto pool = loaded.config.deliveries.pool;
  if (pool == courier_pool_kind::simulated)
    return;
  using namespace std::chrono_literals;
  auto& job = loaded.config.deliveries.job;
  auto& people = job.people;
  const auto unless_given = [&](const char* name, auto& value, auto other) {
    loaded.adapt(name, value, other, "courier-pool");
  };
  unless_given("order-deliver-deadline", loaded.config.orders.limits.deliver, milliseconds{4h});
  if (pool == courier_pool_kind::real) {
    unless_given("delivery-list", loaded.config.deliveries.listed, true);
    unless_given("delivery-max-attempts", job.max_attempts, 10U);
    unless_given("delivery-answer-within", job.answer_within, people.answer_within);
    unless_given("delivery-start-within", job.start_within, people.start_within);
    unless_given("delivery-finish-within", job.finish_within, people.finish_within);
    return;
  }
  // What is given holds for all couriers. The rest leaves an order enough of its time for another attempt.
  const auto deliver = loaded.config.orders.limits.deliver;
  const auto fit = [&](const char* name, milliseconds& value, milliseconds of_simulated, int part) {
    value = loaded.origins.contains(name) ? of_simulated : std::max(std::min(value, deliver / part), of_simulated);
  };
  fit("delivery-answer-within", people.answer_within, job.answer_within, 60);
  fit("delivery-start-within", people.start_within, job.start_within, 16);
  fit("delivery-finish-within", people.finish_within, job.finish_within, 2);
}

} // namespace waybill
