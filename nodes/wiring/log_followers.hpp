#pragma once

#include "nodes/options/config.hpp"
#include "persistence/retention/retention_actor.hpp"

#include <vector>

namespace waybill {

/// Everybody who follows the log and goes on, after a restart, from a place of their own that is stored. Old events are
/// removed only behind the lowest of these places: who begins to follow the log durably must be added here.
std::vector<log_follower> durable_log_followers(const node_config& config);

} // namespace waybill
