#pragma once

#include "messages/actors.hpp"

#include <caf/actor.hpp>
#include <caf/fwd.hpp>

#include <atomic>
#include <functional>
#include <memory>
#include <string>

namespace waybill {

struct first_admin_settings {
  std::string email;
  /// Empty: one is made.
  std::string password;
  /// Called once with a password that was made, on the actor's thread.
  std::function<void(const std::string& email, const std::string& password)> show;
  /// Set when it is known that there is an admin: who signs in before is refused.
  std::shared_ptr<std::atomic<bool>> is_there = std::make_shared<std::atomic<bool>>(false);
};

/// Makes an admin if there is none yet; several nodes may try at once, one succeeds. Tries until it knows, then ends.
caf::actor spawn_first_admin(caf::actor_system& sys, const reader_actor& reader, const user_actor& users,
                             first_admin_settings settings);

} // namespace waybill
