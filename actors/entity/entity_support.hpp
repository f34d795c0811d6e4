#pragma once

#include "actors/entity/entity_link.hpp"
#include "actors/entity/regions.hpp"
#include "actors/entity/timer_queue.hpp"
#include "messages/actors.hpp"
#include "messages/failures.hpp"

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace waybill {

/// What a region and its entities share.
struct region_shared {
  timer_queue timers;
  /// Messages that entities have handled; with what the region has sent them this is its backlog.
  std::atomic<std::uint64_t> handled = 0;
  /// Tells the region that `timers` is no longer empty.
  std::function<void()> start_ticking;
  /// Tells the region that an entity may leave.
  std::function<void(entity_idle)> on_idle;
  /// Tells the region that an entity that belongs to another node now has ended with something unfinished.
  std::function<void(retire_entity)> on_retired;
  entity_services services;
  /// Set before the first entity starts.
  region_handles regions;
};

/// How a region starts an entity.
struct entity_start {
  std::string id;
  /// The first command creates the entity, so it most likely does not exist: try without loading. If it does, the
  /// journal refuses the first append and the entity is loaded then.
  bool assume_new = false;
  std::shared_ptr<region_shared> shared;
  std::shared_ptr<entity_link> link;
};

/// A number for appends that are sent together; see append::chain.
std::uint64_t new_chain();

/// How long to wait before try number `attempt` (from 1): exponential with full jitter below the exponential value,
/// never under half of it ("equal jitter", Brooker, AWS Architecture Blog, 2015).
milliseconds backoff(const retry_settings& settings, std::uint32_t attempt);

/// Makes the jitter of this thread repeatable: for tests.
void seed_jitter(std::uint32_t seed);

} // namespace waybill
