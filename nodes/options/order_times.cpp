#include "nodes/options/config_layers.hpp"
#include "nodes/options/options.hpp"

#include <initializer_list>
#include <string>

/// The times of an order and of what it waits for, compared with each other.
namespace waybill {

namespace {

struct named_time {
  const char* option;
  milliseconds value;
};

/// A courier who keeps all times of one attempt takes so long at most.
milliseconds longest_attempt(const node_config& config) {
  const auto& job = config.deliveries.job;
  return job.answer_within + job.start_within + job.finish_within;
}

class time_check {
public:
  explicit time_check(const loaded_config& loaded) : loaded_{loaded} {}

  /// Both were given, and the first is not shorter than the second. What was not given gives way: it is no intent.
  [[nodiscard]] bool contradict(const named_time& shorter, const named_time& longer) const {
    return is_given(shorter.option) && is_given(longer.option) && shorter.value >= longer.value;
  }

  [[nodiscard]] bool is_given(const char* option) const { return loaded_.origins.contains(option); }

private:
  const loaded_config& loaded_;
};

} // namespace

void apply_delivery_defaults(loaded_config& loaded) {
  auto& deliver = loaded.config.orders.limits.deliver;
  const auto attempt = longest_attempt(loaded.config);
  if (!loaded.origins.contains("order-deliver-deadline") && deliver <= attempt)
    deliver = 2 * attempt;
}

result<void> validate_order_times(const loaded_config& loaded) {
  const auto& config = loaded.config;
  const auto& limits = config.orders.limits;
  const auto& job = config.deliveries.job;
  const time_check times{loaded};
  const named_time deliver{"order-deliver-deadline", limits.deliver};
  const named_time hold{"order-hold-limit", limits.hold};
  const named_time grace{"order-grace", limits.grace};
  const named_time request{"order-request-timeout", config.orders.retry.request_timeout};
  const named_time provider{"payment-provider-timeout", config.payments.provider_timeout};
  const named_time authorize{"order-authorize-deadline", limits.authorize};
  const named_time settle{"order-settle-deadline", limits.settle};
  const named_time compensate{"order-compensate-deadline", limits.compensate};
  const named_time revise{"order-revise-deadline", limits.revise};
  const named_time reserve{"order-reserve-deadline", limits.reserve};
  const named_time dispatch{"order-dispatch-deadline", limits.dispatch};
  struct rule {
    named_time shorter;
    named_time longer;
    const char* because;
  };
  for (const auto& [shorter, longer, because] : std::initializer_list<rule>{
         {request, reserve, "a single request would outlast its step"},
         {request, authorize, "a single request would outlast its step"},
         {request, dispatch, "a single request would outlast its step"},
         {request, settle, "a single request would outlast its step"},
         {request, compensate, "a single request would outlast its step"},
         {request, revise, "a single request would outlast its step"},
         {provider, authorize, "an order would be given up before the provider must have answered"},
         {provider, settle, "an order would be given up before the provider must have answered"},
         {provider, compensate, "an order would be given up before the provider must have answered"},
         {provider, revise, "an order would be given up before the provider must have answered"},
         {grace, hold, "an order that waits for its dispatch could not be held"},
         {{"delivery-find-within", job.find_within},
          deliver,
          "an order would be given up before its search for couriers"},
       })
    if (times.contradict(shorter, longer))
      return invalid_option(std::string{longer.option} + ": it must be longer than " + shorter.option + ": " + because);
  for (const auto* part : {"delivery-answer-within", "delivery-start-within", "delivery-finish-within"})
    if (times.contradict({part, longest_attempt(config)}, deliver))
      return invalid_option(
        "order-deliver-deadline: it must be longer than delivery-answer-within, delivery-start-within "
        "and delivery-finish-within together: an order would be given up while a courier is in time");
  return {};
}

} // namespace waybill
