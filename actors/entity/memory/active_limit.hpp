#pragma once

#include "domain/base/log.hpp"

#include <caf/actor_system.hpp>
#include <caf/telemetry/gauge.hpp>
#include <caf/telemetry/metric_family_impl.hpp>
#include <caf/telemetry/metric_registry.hpp>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>

namespace waybill {

/// Tells the operator how many entities of a kind are in memory, and when their limit is near.
class active_limit {
public:
  active_limit(caf::actor_system& sys, std::string type_name, std::uint32_t most)
    : type_name_(std::move(type_name)), most_(most),
      gauge_(sys.metrics()
               .gauge_family("waybill", "entities-active", {"type"}, "Entities in memory; those that wait are not.")
               ->get_or_add({{"type", type_name_}})) {
    if (is_limited())
      sys.metrics()
        .gauge_family("waybill", "entities-active-limit", {"type"}, "With so many in memory, new ones are refused.")
        ->get_or_add({{"type", type_name_}})
        ->value(most);
  }

  /// There are `count` now.
  void note(std::size_t count) {
    gauge_->value(static_cast<std::int64_t>(count));
    if (!is_limited())
      return;
    // Apart, so that the two lines do not alternate.
    const auto is_above = [&](std::size_t percent) { return count * 100 >= std::size_t{most_} * percent; };
    if (!near_ && is_above(80)) {
      near_ = true;
      log_warning(
        "{} of at most {} {} entities are in memory: when the limit is reached, new ones are refused with 503", count,
        most_, type_name_);
    } else if (near_ && !is_above(60)) {
      near_ = refusing_ = false;
      log_info("{} of at most {} {} entities are in memory", count, most_, type_name_);
    }
  }

  [[nodiscard]] bool is_reached(std::size_t count) const { return count >= most_; }

  void note_refusal() {
    if (!std::exchange(refusing_, true))
      log_error("new {} entities are refused with 503: {} are in memory, which is the limit", type_name_, most_);
  }

private:
  [[nodiscard]] bool is_limited() const { return most_ != std::numeric_limits<std::uint32_t>::max(); }

  std::string type_name_;
  std::uint32_t most_;
  caf::telemetry::int_gauge* gauge_;
  bool near_ = false;
  bool refusing_ = false;
};

} // namespace waybill
