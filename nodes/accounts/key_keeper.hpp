#pragma once

#include "auth/token_keys.hpp"
#include "nodes/options/config.hpp"
#include "persistence/queries/signing_keys.hpp"

#include <caf/actor.hpp>
#include <caf/fwd.hpp>

#include <memory>

namespace waybill {

/// What is to become of the stored keys: one is made when there is none of the algorithm, or when the newest has signed
/// for as long as it should; a new one signs only when every gateway has had the time to read it. One that was
/// replaced goes when no token of it can hold any more.
signing_key_change plan_signing_keys(const std::vector<stored_signing_key>& stored, const auth_settings& settings,
                                     const token_rules& rules, timestamp now);

/// The keys that are configured, or those of the database, made there if needed. Blocks. Fails with
/// ec::invalid_argument, ec::unavailable.
result<std::shared_ptr<const token_keys>> load_token_keys(const node_config& config);

/// Reads the keys of the database again and again, on a thread of its own, and puts them into `ring`; null when the
/// keys are configured, which do not change. Ends with send_exit.
caf::actor spawn_key_keeper(caf::actor_system& sys, const node_config& config, std::shared_ptr<key_ring> ring);

} // namespace waybill
