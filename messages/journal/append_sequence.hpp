#pragma once

#include <atomic>
#include <cstdint>

namespace waybill {

/// The sequence of a node's appends, as its journal and its entities share it. An append has its place as soon as it is
/// in the journal's mailbox, and a commit writes a prefix of the sequence: whoever places an append later can build on
/// those before it, although they are not durable yet. When one of them is refused, the epoch ends: all that was placed
/// in it and is not durable is void (docs/adr/0024). Thread-safe.
class append_sequence {
public:
  /// Never zero. What an entity learns from others of this node holds only while the epoch stays the same.
  [[nodiscard]] std::uint64_t epoch() const noexcept { return epoch_.load(); }
  void end_epoch() noexcept { epoch_.fetch_add(1); }

  /// Whether appends are written as they come. While they are not, entities wait for each commit: what only waits in
  /// memory should not grow, and the more is placed, the more would be void.
  [[nodiscard]] bool flows() const noexcept { return flows_.load(std::memory_order_relaxed); }
  void set_flowing(bool flows) noexcept { flows_.store(flows, std::memory_order_relaxed); }

private:
  std::atomic<std::uint64_t> epoch_ = 1;
  std::atomic<bool> flows_ = true;
};

} // namespace waybill
