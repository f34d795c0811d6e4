#pragma once

#include "domain/base/time.hpp"
#include "messages/actors.hpp"

#include <caf/fwd.hpp>

namespace waybill {

/// Looks how long orders have waited, for the metrics.
using order_watch_actor = caf::typed_actor<
  // Looks once, and again after a while.
  caf::result<void>(caf::tick_atom)>;

struct order_watch_settings {
  milliseconds interval{15'000};
};

/// Asks `reader` for the oldest order that waits for each thing: a few pages of an index, whatever the number of
/// orders. Ends with send_exit.
order_watch_actor spawn_order_watch(caf::actor_system& sys, reader_actor reader, order_watch_settings settings = {});

} // namespace waybill
