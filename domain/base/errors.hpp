#pragma once

#include "domain/base/result.hpp"

#include <cstdint>

namespace waybill {

/// Everything that can go wrong between an actor and the one that asks it. The numbers are fixed: they travel between
/// nodes. The words stand in errors.cpp.
enum class ec : std::uint8_t {
  none = 0,
  /// There is no such order, product, payment, delivery, notification or user; or it belongs to somebody else.
  not_found = 1,
  /// The command is not allowed in the status that the entity is in.
  illegal_transition = 2,
  /// The caller named a version (If-Match) that is not the entity's.
  version_mismatch = 3,
  /// The same id or key was used before for something else.
  idempotency_key_reused = 4,
  /// Another entity already has this unique value (a product's SKU, a user's e-mail).
  duplicate = 5,
  /// The values of the command contradict each other or the entity.
  invalid_argument = 6,
  /// The product is withdrawn and takes no new orders.
  product_withdrawn = 7,
  /// Less is available than was asked for.
  out_of_stock = 8,
  /// The command came after the time up to which it was valid; nothing was changed.
  deadline_exceeded = 9,
  /// Another writer appended to the stream first; the caller must load the state again.
  conflict = 10,
  /// The database, or the node that owns the entity, cannot be reached now; trying again later is safe.
  unavailable = 11,
  /// Too much work is under way; trying again later is safe.
  overloaded = 12,
  /// No answer in time; whether the command was carried out is unknown, repeating it under the same id is safe.
  timed_out = 13,
  /// A stored event or state cannot be read by this version of the program.
  unreadable = 14,
  /// The payment provider refused for good.
  provider_refused = 15,
  /// The peer speaks another protocol version.
  incompatible_peer = 16,
  /// The component is shutting down and takes no new work.
  shutting_down = 17,
  /// A defect; the log line with the same request id says more.
  internal = 18,
  /// The entity lives on another node now, and nothing was done here. Between regions only: the region that was asked
  /// first asks the new owner, or answers `unavailable`.
  moved = 19,
  /// The credentials are wrong, or not valid any more.
  unauthenticated = 20,
  /// Events behind the cursor were removed (retention): reading must start again from the earliest event.
  cursor_expired = 21,
  /// The first request under the same idempotency key is still being carried out; nothing was done for this one.
  idempotency_in_progress = 22,
};

static_assert(default_error == ec::internal);

} // namespace waybill
