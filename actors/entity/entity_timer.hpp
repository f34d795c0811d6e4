#pragma once

#include "actors/entity/entity_start.hpp"

#include <algorithm>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace waybill {

/// The one timer of an entity, kept in the queue of its region. An earlier time replaces a later one, whose entry stays
/// in the queue: `fire` tells the two apart.
class entity_timer {
public:
  entity_timer(std::shared_ptr<region_shared> shared, std::string id)
    : shared_(std::move(shared)), id_(std::move(id)) {}

  /// Asks the region for a wake-up at `due`, or a little later.
  void arm(timestamp due, timestamp now) {
    // Far timers are cut into pieces, so that an entry of an entity that has ended does not stay for long.
    constexpr milliseconds furthest{5'000};
    due = std::min(due, now + furthest);
    if (due_ && *due_ <= due)
      return;
    due_ = due;
    ++entries_;
    if (shared_->timers.add(due, id_))
      shared_->start_ticking();
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
  std::shared_ptr<region_shared> shared_;
  std::string id_;
  std::optional<timestamp> due_;
  /// Entries of this entity in the region's queue, at most.
  std::size_t entries_ = 0;
};

} // namespace waybill
