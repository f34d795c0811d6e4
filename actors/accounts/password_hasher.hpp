#pragma once

#include "messages/actors.hpp"
#include "messages/supervision.hpp"

#include <caf/fwd.hpp>

#include <cstddef>
#include <cstdint>

namespace waybill {

/// What a password hash costs (Argon2id, RFC 9106), and how many are made at once.
struct hashing_settings {
  /// Passes over the memory.
  std::uint32_t passes = 2;
  /// Octets for each hash. The defaults are what libsodium calls interactive.
  std::size_t memory = 64 * 1024 * 1024;
  /// Hashes at once, each on a thread of its own.
  std::size_t workers = 2;
  /// Hashes that wait; more are refused with ec::overloaded. Half of the places are for sign-ins only.
  std::size_t max_waiting = 64;
  /// Of one user, whose hashes are made one after the other; more are refused with ec::overloaded.
  std::size_t max_waiting_of_user = 8;
  /// How long a caller waits for an answer.
  milliseconds patience{8'000};
};

/// Spawns the threads that hash, which `supervise` gets, and the actor in front of them. Passwords are compared as
/// opaque_string has them. Ends with send_exit.
password_hasher_actor spawn_password_hasher(caf::actor_system& sys, const hashing_settings& settings,
                                            const supervise_actor& supervise = {});

} // namespace waybill
