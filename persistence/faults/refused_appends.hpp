#pragma once

#include "messages/journal/append.hpp"
#include "persistence/faults/timed_fault.hpp"

#include <atomic>
#include <cstdint>

namespace waybill {

/// Fault injection: another writer seems to be first. While it is on, the journals of this process refuse every seventh
/// append with events that others of the node may have built on (append::is_built_on), as a conflict, and write nothing
/// of it. Nothing else brings out such a refusal in a node that goes on serving. Thread-safe.
class refused_appends {
public:
  /// Not every one: an entity that is refused ten times in a row gives its commands up.
  static constexpr std::uint64_t interval = 7;

  static void begin(milliseconds lasts) noexcept { fault_.begin(lasts); }
  static void end() noexcept { fault_.end(); }
  [[nodiscard]] static bool is_on() noexcept { return fault_.is_on(); }

  /// Whether the fault is on and about appends like `request`.
  [[nodiscard]] static bool concerns(const append& request) noexcept {
    return request.is_built_on && !request.events.empty() && is_on();
  }

  /// Counts an append that it concerns; whether that is to be refused.
  static bool hits() noexcept { return count_.fetch_add(1, std::memory_order_relaxed) % interval == interval - 1; }

private:
  static inline timed_fault fault_;
  static inline std::atomic<std::uint64_t> count_ = 0;
};

} // namespace waybill
