#pragma once

#include <caf/actor.hpp>
#include <caf/error.hpp>

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace waybill {

/// Watches the actors that live as long as their node. An actor that ends by a defect leaves a process that looks alive
/// and does not work: its requests fail or wait, its timers are gone. A restart would bring it back without its state
/// and its place in the others' handles, so the whole process ends instead. Nothing here is an actor that could die
/// itself. Thread-safe.
class supervisor {
public:
  /// Gets the name of the actor and why it ended. Runs in the thread of the actor, and must not block.
  using death_handler = std::function<void(const std::string& name, const std::string& reason)>;

  explicit supervisor(death_handler on_death);

  /// Reports the end of `actor`, whatever the reason; at once when it has ended already.
  void watch(const caf::actor& actor);

  /// As watch(), but such an actor may end by itself, without an error, when its work is done.
  void watch_task(const caf::actor& actor);

  /// From now on actors end because their node does: nothing is reported any more.
  void release();

  /// Those that were ever watched, in this order. It does not keep them alive.
  [[nodiscard]] std::vector<caf::actor_addr> watched() const;

private:
  struct shared_state;

  void watch(const caf::actor& actor, bool may_finish);

  std::shared_ptr<shared_state> state_;
};

/// Why an actor ended, in words.
std::string describe_end(const caf::error& reason);

} // namespace waybill
