#pragma once

#include "actors/entity/tap/message_tap.hpp"
#include "messages/type_ids.hpp"

#include <caf/fwd.hpp>
#include <caf/result.hpp>
#include <caf/typed_actor.hpp>

#include <memory>
#include <string>

namespace waybill {

/// Tells what the tap of its node has noted, and ends traces that nobody asks for.
using message_tracer_actor = caf::typed_actor<
  // Begins a trace, or answers with what was noted since. Fails with invalid_argument, overloaded.
  caf::result<message_trace>(trace_messages),
  // Looks for traces whose askers are gone; sent by itself while there are any.
  caf::result<void>(caf::tick_atom)>;

/// Ends with send_exit.
message_tracer_actor spawn_message_tracer(caf::actor_system& sys, std::string node, std::shared_ptr<message_tap> tap);

} // namespace waybill
