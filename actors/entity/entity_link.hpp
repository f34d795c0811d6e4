#pragma once

#include <atomic>
#include <cstdint>

namespace waybill {

/// What a region and one of its entities share. Thread-safe.
struct entity_link {
  /// Messages that the entity has handled.
  std::atomic<std::uint64_t> handled = 0;
  /// The region sends it the messages for its id. Once false it stays so: another actor may be the entity, here or on
  /// another node.
  std::atomic<bool> current = true;
};

} // namespace waybill
