#pragma once

#include "messages/actors.hpp"

namespace waybill {

/// Owns one function: its versions, and how far it has come with the events that it is called for. It runs on the node
/// that owns it, by function_runner_actor.
using function_actor = entity_actor::extend<
  // Compiles the source and stores it as the version that is called, then answers; or says why it does not compile.
  // Fails with version_mismatch, invalid_argument for a name that cannot be one, conflict for one that is built in.
  caf::result<function_saved>(put_function),
  // Answers with the function. Fails with not_found.
  caf::result<function_view>(get_function),
  // Lets an earlier version be called again. Fails with not_found, also when that version is not kept,
  // version_mismatch, conflict for one that is built in.
  caf::result<function_view>(roll_back_function),
  // Removes the function. Fails with not_found, version_mismatch, conflict for one that is built in.
  caf::result<void>(remove_function),
  // Runs it and answers with its result, or why it failed. Fails with not_found, overloaded when too many calls wait,
  // timed_out when it was to run within a time that was over before it began.
  caf::result<function_ran>(invoke_function)>;

/// Runs sources on threads of its own. Fails with overloaded when too many wait, timed_out as function_actor.
using function_runner_actor = caf::typed_actor<
  // Compiles the source.
  caf::result<source_checked>(check_source),
  // Runs the source with its input.
  caf::result<function_ran>(run_source)>;

/// Keeps what this node's gateway knows of the guards (order_guards).
using guard_keeper_actor = caf::typed_actor<
  // Answers when what was changed until now is known. Fails with unavailable.
  caf::result<void>(refresh_guards)>;

using function_region_actor = function_actor::extend_with<region_control_actor>;

} // namespace waybill
