#include "domain/base/time.hpp"
#include "nodes/options/config_layers.hpp"
#include "nodes/options/options.hpp"

#include <algorithm>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

/// The times of an order and of what it waits for, compared with each other as they are in effect: given or default.
namespace waybill {

namespace {

struct named_time {
  std::string_view option;
  milliseconds value;
};

/// What the slowest couriers have for each step. People have at least what simulated couriers have.
delivery::people_limits slowest(const node_config& config) {
  const auto& job = config.deliveries.job;
  if (config.deliveries.pool == courier_pool_kind::mixed)
    return job.people;
  return {job.answer_within, job.start_within, job.finish_within};
}

/// A courier who keeps all times of one attempt takes so long at most.
milliseconds longest_attempt(const node_config& config) {
  const auto times = slowest(config);
  return times.answer_within + times.start_within + times.finish_within;
}

/// The option that makes an attempt as long as it is.
std::string slowest_step(const node_config& config) {
  const auto times = slowest(config);
  if (times.finish_within >= std::max(times.answer_within, times.start_within))
    return "delivery-finish-within";
  return times.start_within >= times.answer_within ? "delivery-start-within" : "delivery-answer-within";
}

/// The role of the nodes that go by an option.
role user_of(std::string_view option) {
  if (option.starts_with("order-"))
    return role::order;
  return option.starts_with("delivery-") || option.starts_with("courier-") ? role::delivery : role::payment;
}

class time_check {
public:
  explicit time_check(const loaded_config& loaded) : loaded_{loaded} {}

  /// The first is not shorter than the second, and one of them was given. What is neither given nor gone by on this
  /// node is another node's, which may have another value.
  [[nodiscard]] bool contradict(const named_time& shorter, const named_time& longer) const {
    const bool given = is_given(shorter.option) || is_given(longer.option);
    return given && is_in_effect(shorter.option) && is_in_effect(longer.option) && shorter.value >= longer.value;
  }

  /// `order-settle-deadline (5m, the default)`
  [[nodiscard]] std::string shown(const named_time& time) const {
    return std::string{time.option} + " (" + duration_text(time.value)
           + (is_given(time.option) ? ")" : ", the default)");
  }

  [[nodiscard]] failure refusal(const std::string& shorter, const named_time& longer, std::string_view because) const {
    return invalid_option(std::string{longer.option} + ": it is " + duration_text(longer.value)
                          + (is_given(longer.option) ? "" : ", the default,") + " and must be longer than " + shorter
                          + ": " + std::string{because});
  }

  [[nodiscard]] bool is_given(std::string_view option) const { return loaded_.origins.contains(std::string{option}); }

private:
  [[nodiscard]] bool is_in_effect(std::string_view option) const {
    return is_given(option) || loaded_.config.has(user_of(option));
  }

  const loaded_config& loaded_;
};

struct rule {
  named_time shorter;
  named_time longer;
  std::string_view because;
};

std::vector<rule> rules_of_orders(const node_config& config) {
  const auto& limits = config.orders.limits;
  const named_time request{"order-request-timeout", config.orders.retry.request_timeout};
  const named_time provider{"payment-provider-timeout", config.payments.provider_timeout};
  const named_time authorize{"order-authorize-deadline", limits.authorize};
  const named_time settle{"order-settle-deadline", limits.settle};
  const named_time compensate{"order-compensate-deadline", limits.compensate};
  const named_time revise{"order-revise-deadline", limits.revise};
  std::vector<rule> rules;
  for (const auto& step : {named_time{"order-reserve-deadline", limits.reserve}, authorize,
                           named_time{"order-dispatch-deadline", limits.dispatch}, settle, compensate, revise})
    rules.push_back({request, step, "a single request would outlast its step"});
  for (const auto& step : {authorize, settle, compensate, revise})
    rules.push_back({provider, step, "an order would be given up before the provider must have answered"});
  rules.push_back({{"order-grace", limits.grace},
                   {"order-hold-limit", limits.hold},
                   "an order that waits for its dispatch could not be held"});
  rules.push_back({{"delivery-find-within", config.deliveries.job.find_within},
                   {"order-deliver-deadline", limits.deliver},
                   "an order would be given up before its search for couriers"});
  return rules;
}

/// Those who are simulated take some time on purpose; what never comes in time fails every order.
std::vector<rule> rules_of_simulations(const node_config& config) {
  const auto& job = config.deliveries.job;
  std::vector<rule> rules;
  if (config.payment_provider == payment_provider_kind::simulated)
    rules.push_back({{"provider-shortest-delay", config.provider.shortest_delay},
                     {"payment-provider-timeout", config.payments.provider_timeout},
                     "the simulated provider would never answer in time"});
  if (config.deliveries.pool != courier_pool_kind::real)
    for (const auto& step : {named_time{"delivery-answer-within", job.answer_within},
                             named_time{"delivery-start-within", job.start_within},
                             named_time{"delivery-finish-within", job.finish_within}})
      rules.push_back({{"courier-shortest-delay", config.couriers.shortest_delay},
                       step,
                       "simulated couriers would never be in time"});
  return rules;
}

} // namespace

void apply_delivery_defaults(loaded_config& loaded) {
  auto& deliver = loaded.config.orders.limits.deliver;
  auto& find = loaded.config.deliveries.job.find_within;
  const auto attempt = longest_attempt(loaded.config);
  if (!loaded.origins.contains("order-deliver-deadline")) {
    if (deliver <= attempt)
      loaded.adapt("order-deliver-deadline", deliver, 2 * attempt, slowest_step(loaded.config));
    if (deliver <= find)
      loaded.adapt("order-deliver-deadline", deliver, find + attempt, "delivery-find-within");
  } else if (find >= deliver) {
    // A search that found nobody ends the order with the reason, not its deadline.
    loaded.adapt("delivery-find-within", find, deliver - deliver / 10, "order-deliver-deadline");
  }
}

void apply_request_defaults(loaded_config& loaded) {
  const auto& limits = loaded.config.orders.limits;
  auto& timeout = loaded.config.orders.retry.request_timeout;
  const auto shortest = std::min({named_time{"order-reserve-deadline", limits.reserve},
                                  {"order-authorize-deadline", limits.authorize},
                                  {"order-dispatch-deadline", limits.dispatch},
                                  {"order-settle-deadline", limits.settle},
                                  {"order-compensate-deadline", limits.compensate},
                                  {"order-revise-deadline", limits.revise}},
                                 [](const named_time& a, const named_time& b) { return a.value < b.value; });
  if (timeout >= shortest.value)
    loaded.adapt("order-request-timeout", timeout, std::max(shortest.value / 2, milliseconds{1}),
                 std::string{shortest.option});
}

result<void> validate_order_times(const loaded_config& loaded) {
  const auto& config = loaded.config;
  const time_check times{loaded};
  auto rules = rules_of_orders(config);
  std::ranges::copy(rules_of_simulations(config), std::back_inserter(rules));
  // What was written down against itself is told first.
  // Not std::ranges: clang 14, which builds the fuzzers, cannot read libstdc++'s subrange.
  std::stable_partition(rules.begin(), rules.end(), [&](const rule& x) {
    return times.is_given(x.shorter.option) && times.is_given(x.longer.option);
  });
  for (const auto& [shorter, longer, because] : rules)
    if (times.contradict(shorter, longer))
      return times.refusal(times.shown(shorter), longer, because);
  const auto job = slowest(config);
  const named_time deliver{"order-deliver-deadline", config.orders.limits.deliver};
  const named_time answer{"delivery-answer-within", job.answer_within};
  const named_time start{"delivery-start-within", job.start_within};
  const named_time finish{"delivery-finish-within", job.finish_within};
  for (const auto& part : {answer, start, finish})
    if (times.contradict({part.option, longest_attempt(config)}, deliver))
      return times.refusal(times.shown(answer) + ", " + times.shown(start) + " and " + times.shown(finish)
                             + " together",
                           deliver, "an order would be given up while a courier is in time");
  return {};
}

} // namespace waybill
