#pragma once

#include "actors/accounts/password_hasher.hpp"
#include "actors/entity/services.hpp"
#include "actors/entity/settings.hpp"
#include "domain/user.hpp"
#include "messages/actors.hpp"

#include <caf/fwd.hpp>

namespace waybill {

struct account_settings {
  user::settings sessions;
  hashing_settings hashing;
  region_settings region{.max_active = 50'000};
};

/// The users of this node; see spawn_region.
user_region_actor spawn_user_region(caf::actor_system& sys, const entity_services& services,
                                    const account_settings& settings, const password_hasher_actor& hasher);

} // namespace waybill
