#pragma once

#include "messages/cluster/known_troubles.hpp"

#include <caf/actor_system.hpp>
#include <caf/telemetry/counter.hpp>
#include <caf/telemetry/histogram.hpp>
#include <caf/telemetry/metric_family_impl.hpp>
#include <caf/telemetry/metric_registry.hpp>

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

namespace waybill {

/// What a region counts of its entities: commands that came for one that is crowded, and how long a hand-over took.
class region_metrics {
public:
  using clock = std::chrono::steady_clock;

  /// An entity that gets more messages than that in one second is crowded: it does them one after the other.
  static constexpr std::uint32_t crowded_above = 500;

  /// The messages of the present second, kept with each entity.
  struct second {
    clock::rep number = 0;
    std::uint32_t messages = 0;
  };

  region_metrics(caf::actor_system& sys, std::string type_name) : type_name_(std::move(type_name)) {
    auto& registry = sys.metrics();
    crowded_ = registry
                 .counter_family("waybill", "entity-crowded-messages", {"type"},
                                 "Messages for an entity that had got more than 500 in the same second.", "1", true)
                 ->get_or_add({{"type", type_name_}});
    constexpr std::array<double, 9> bounds{.01, .05, .1, .5, 1., 2., 5., 10., 30.};
    hand_over_ =
      registry
        .histogram_family<double>("waybill", "entity-hand-over", {"type"}, bounds,
                                  "Until all entities of the shards that a node gave away had ended.", "seconds")
        ->get_or_add({{"type", type_name_}});
  }

  /// A message for the entity `id`.
  void count_message(second& of, const std::string& id, known_troubles& troubles,
                     clock::time_point now = clock::now()) {
    const auto number = std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count();
    if (of.number != number)
      of = {number, 0};
    if (++of.messages <= crowded_above)
      return;
    crowded_->inc();
    constexpr std::chrono::seconds remembered{60};
    if (of.messages == crowded_above + 1)
      troubles.tell("crowded " + type_name_,
                    type_name_ + " " + id + " is crowded: in the last minute it got more than "
                      + std::to_string(crowded_above) + " messages within a second, and does them one after the other",
                    remembered);
  }

  void begin_hand_over() {
    if (!began_)
      began_ = clock::now();
  }
  /// No entity is left that was handed over.
  void end_hand_over() {
    if (const auto began = std::exchange(began_, std::nullopt))
      hand_over_->observe(std::chrono::duration<double>(clock::now() - *began).count());
  }

private:
  std::string type_name_;
  caf::telemetry::int_counter* crowded_;
  caf::telemetry::dbl_histogram* hand_over_;
  std::optional<clock::time_point> began_;
};

} // namespace waybill
