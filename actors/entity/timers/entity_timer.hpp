#pragma once

#include "actors/entity/entity_start.hpp"

#include <algorithm>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

namespace waybill {

/// The one timer of an entity, kept in the wheel of its region. An earlier time replaces a later one, whose entry stays
/// in the wheel: `fire` tells the two apart.
class entity_timer {
public:
  entity_timer(std::shared_ptr<region_shared> shared, std::shared_ptr<entity_link> link)
    : shared_(std::move(shared)), link_(std::move(link)) {}

  /// Asks the region for a wake-up at `due`, or a little later.
  void arm(timestamp due, timestamp now) {
    // Far timers are cut into pieces, so that an entry of an entity that has ended does not stay for long.
    due = std::min(due, now + furthest);
    if (fires_by(due))
      return;
    due_ = due;
    ++entries_;
    if (shared_->timers.add(due, now, link_))
      shared_->start_ticking();
  }

  /// The same; reads the clock only if there is something to do.
  void arm(timestamp due, const std::function<timestamp()>& clock) {
    if (!fires_by(due))
      arm(due, clock());
  }

  /// A wake-up has come. False when it belongs to an entry that was replaced: another one follows.
  bool fire(timestamp now) {
    if (entries_ > 0)
      --entries_;
    if (entries_ > 0 && due_ && *due_ > now)
      return false;
    due_.reset();
    return true;
  }

  [[nodiscard]] bool is_armed() const { return due_.has_value(); }

private:
  static constexpr milliseconds furthest{5'000};
  static_assert(furthest <= decltype(region_shared::timers)::reach);

  /// A wake-up comes by `due` already.
  [[nodiscard]] bool fires_by(timestamp due) const { return due_ && *due_ <= due; }

  std::shared_ptr<region_shared> shared_;
  std::shared_ptr<entity_link> link_;
  std::optional<timestamp> due_;
  /// Entries of this entity in the region's wheel, at most.
  std::size_t entries_ = 0;
};

} // namespace waybill
