#pragma once

#include "actors/entity/settings.hpp"
#include "messages/actors.hpp"
#include "messages/failures.hpp"

#include <caf/delegated.hpp>
#include <caf/error.hpp>
#include <caf/result.hpp>
#include <caf/timespan.hpp>

#include <cstdint>

namespace waybill {

/// The time limit of a request that needs none of its own, because something else bounds the wait:
/// - journals, readers and audit checkers answer within the limit of their database calls;
/// - the entity that asks a courier, a provider, a webhook sender or another entity has a timer of its own, and ignores
///   an answer that comes after it;
/// - a feed answers within the time that the question names;
/// - a command to a region on another node is sent again when that region is gone (forwarding.hpp).
/// CAF reports the end of the actor that was asked as an error.
inline constexpr caf::timespan bounded_elsewhere = caf::infinite;

/// What a handler returns that has delegated its message, or answers it with an error.
template <class Delegated>
struct delegated_answer;

template <class... Results>
struct delegated_answer<caf::delegated<Results...>> {
  using type = caf::result<Results...>;
};

/// A number for appends that are sent together; see append::group.
std::uint64_t new_append_group();

} // namespace waybill
