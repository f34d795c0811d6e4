#pragma once

#include "messages/cluster/cluster.hpp"

#include <optional>

namespace waybill {

/// A time in which nobody could work in a role: no node of it was there, or the database was away.
struct absence {
  waybill::role role = waybill::role::order;
  timestamp since;
  /// None: it lasts.
  std::optional<timestamp> until{};
};

} // namespace waybill
