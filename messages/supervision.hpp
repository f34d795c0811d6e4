#pragma once

#include <caf/actor.hpp>
#include <caf/actor_cast.hpp>

#include <functional>

namespace waybill {

/// Is given each actor that lives as long as its node, when it is spawned: should one end before its node, the whole
/// node ends. May be empty.
using supervise_actor = std::function<void(const caf::actor&)>;

/// Gives `handle` to `supervise`, and back to the caller. Nothing happens to a null handle.
template <class Handle>
Handle supervised(const supervise_actor& supervise, Handle handle) {
  if (supervise && handle)
    supervise(caf::actor_cast<caf::actor>(handle));
  return handle;
}

} // namespace waybill
