#pragma once

#include <caf/telemetry/counter.hpp>
#include <caf/telemetry/gauge.hpp>
#include <caf/telemetry/metric_family_impl.hpp>

namespace caf {
class actor_system;
} // namespace caf

namespace waybill {

/// What the auditor of this node has done and found.
struct audit_metrics {
  explicit audit_metrics(caf::actor_system& sys);

  /// By invariant.
  caf::telemetry::metric_family_impl<caf::telemetry::int_counter>* violations;
  caf::telemetry::int_counter* events;
  caf::telemetry::int_counter* rows;
  caf::telemetry::dbl_gauge* lag;
  caf::telemetry::int_gauge* open;
};

} // namespace waybill
