#pragma once

#include "domain/base/time.hpp"
#include "messages/actors.hpp"
#include "messages/supervision.hpp"

#include <caf/fwd.hpp>

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace waybill {

/// What a simulated courier does with an offer.
enum class courier_conduct : std::uint8_t {
  complete,
  decline,
  abort,
  /// Accepts and is never heard of again.
  vanish,
  /// Does not answer the offer.
  hold
};

struct courier_settings {
  /// How many couriers a node's pool has; each carries one delivery at a time.
  std::uint32_t pool_size = 16;
  /// The time of each step (answer, start, arrive) is drawn evenly between the two.
  milliseconds shortest_delay{20};
  milliseconds longest_delay{80};
  /// How often an offer comes to nothing, in percent, together at most 100.
  std::uint32_t decline_percent = 20;
  std::uint32_t abort_percent = 10;
  std::uint32_t vanish_percent = 1;
  /// How long a courier who vanished, or holds an offer, stays busy.
  milliseconds silence{15'000};
  /// Deliveries that wait for a courier in memory; the others stand in line.
  std::uint32_t max_waiting = 5'000;
};

/// What the address says of the `attempt`-th offer (from 1): a directive for demonstrations and tests like
/// `Main Street 1 [couriers: decline, abort, complete]`, whose last word holds for all further attempts. Nothing when
/// there is none; words that are not known count as `complete`.
std::optional<courier_conduct> conduct_from_address(std::string_view address, std::uint32_t attempt);

/// The simulated couriers of a node; it needs `region_handles` to know the deliveries. Ends with send_exit. `supervise`
/// gets each courier.
courier_pool_actor spawn_courier_pool(caf::actor_system& sys, const courier_settings& settings,
                                      supervise_actor supervise = {});

} // namespace waybill
