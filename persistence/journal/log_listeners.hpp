#pragma once

#include "messages/actors.hpp"

#include <mutex>
#include <vector>

namespace waybill {

/// The actors that get a hint when the journals of this node have written events. Thread-safe. It keeps these actors
/// alive: close it at shutdown.
class log_listeners {
public:
  using listener = caf::typed_actor<caf::result<void>(log_advanced)>;

  /// Any typed handle that accepts log_advanced converts to `listener`.
  void subscribe(listener actor);
  void notify() const;

  /// Forgets all listeners, and ignores those that subscribe later.
  void close();

private:
  mutable std::mutex mutex_;
  std::vector<listener> listeners_;
  bool closed_ = false;
};

} // namespace waybill
