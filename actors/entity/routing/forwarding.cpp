#include "actors/entity/routing/forwarding.hpp"

#include "actors/support/backoff.hpp"
#include "domain/base/errors.hpp"
#include "messages/type_ids.hpp"

#include <caf/type_id.hpp>

namespace waybill {

forward_failure classify(const caf::error& reason) {
  if (reason == ec::moved)
    return forward_failure::moved;
  // Other errors come from CAF: the actor ended, or dropped the request.
  return reason.category() == caf::type_id_v<ec> ? forward_failure::refused : forward_failure::lost;
}

milliseconds pause_before_resending(std::uint32_t refusals) {
  // Short at first: two nodes see a change of the owners some milliseconds apart.
  static constexpr retry_settings pauses{.first = milliseconds{20}, .longest = milliseconds{250}};
  return backoff(pauses, refusals);
}

bool still_answers(const placement& now, const caf::strong_actor_ptr& region) {
  const auto is_it = [&](const region_peer& peer) { return peer.region == region; };
  return std::ranges::any_of(now.peers, is_it) || std::ranges::any_of(now.leaving, is_it);
}

} // namespace waybill
