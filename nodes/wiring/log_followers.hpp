#pragma once

#include "nodes/options/config.hpp"
#include "persistence/retention/retention_actor.hpp"

#include <vector>

namespace waybill {

/// All that follow the log and continue after a restart from a stored position of their own. Old events are removed
/// only before the lowest of these positions: a new durable follower must be added here.
std::vector<log_follower> durable_log_followers(const node_config& config);

} // namespace waybill
