#pragma once

#include "actors/entity/memory/retrying_entities.hpp"
#include "actors/entity/services.hpp"
#include "actors/entity/timer_queue.hpp"

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace waybill {

/// What a region and one of its entities share. Thread-safe.
struct entity_link {
  /// Messages that the entity has handled.
  std::atomic<std::uint64_t> handled = 0;
  /// The region sends it the messages for its id. Once false it stays so: another actor may be the entity, here or on
  /// another node.
  std::atomic<bool> current = true;
};

/// What a region and its entities share.
struct region_shared {
  timer_queue timers;
  retrying_entities retrying;
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
  /// Until then the node that owned the entity before may write to its stream.
  timestamp sole_owner_from = {};

  /// The entity has handled a message.
  void count_message() const {
    link->handled.fetch_add(1, std::memory_order_relaxed);
    shared->handled.fetch_add(1, std::memory_order_relaxed);
  }
};

} // namespace waybill
