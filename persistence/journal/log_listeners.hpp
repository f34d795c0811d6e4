#pragma once

#include "messages/actors.hpp"

#include <mutex>
#include <vector>

namespace waybill {

/// Who wants a hint when the journals of this node have written events. Thread-safe. It keeps its actors alive: clear
/// it at shutdown.
class log_listeners {
public:
  using listener = caf::typed_actor<caf::result<void>(log_advanced)>;

  /// Any typed handle that accepts log_advanced converts to `listener`.
  void subscribe(listener who);
  void notify() const;

  /// Forgets all, and whoever subscribes later.
  void close();

private:
  mutable std::mutex mutex_;
  std::vector<listener> listeners_;
  bool closed_ = false;
};

} // namespace waybill
