#pragma once

#include "actors/entity/services.hpp"

namespace waybill {

/// Makes and revokes service keys: a stream of at most two events for each, so that the version of the append alone
/// keeps two nodes from doing it twice, and no entity is needed. Ends with send_exit.
service_keys_actor spawn_service_keys(caf::actor_system& sys, entity_services services);

} // namespace waybill
