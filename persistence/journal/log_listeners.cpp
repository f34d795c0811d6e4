#include "persistence/journal/log_listeners.hpp"

#include <caf/send.hpp>

namespace waybill {

void log_listeners::subscribe(listener actor) {
  const std::lock_guard guard{mutex_};
  if (!closed_)
    listeners_.push_back(std::move(actor));
}

void log_listeners::notify() const {
  const std::lock_guard guard{mutex_};
  for (const auto& actor : listeners_)
    caf::anon_send(actor, log_advanced{});
}

void log_listeners::close() {
  const std::lock_guard guard{mutex_};
  closed_ = true;
  listeners_.clear();
}

} // namespace waybill
