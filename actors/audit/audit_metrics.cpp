#include "actors/audit/audit_metrics.hpp"

#include <caf/actor_system.hpp>
#include <caf/telemetry/metric_registry.hpp>

namespace waybill {

audit_metrics::audit_metrics(caf::actor_system& sys)
  : violations(sys.metrics().counter_family("waybill", "audit-violations", {"invariant"},
                                            "Violations of an invariant that the auditor found.", "1", true)),
    events(sys.metrics().counter_singleton("waybill", "audit-events", "Events the auditor checked.", "1", true)),
    rows(sys.metrics().counter_singleton("waybill", "audit-rows", "Rows the auditor read.", "1", true)),
    lag(sys.metrics().gauge_singleton<double>("waybill", "audit-lag",
                                              "Age of the oldest event that the auditor has not checked.", "seconds")),
    open(sys.metrics().gauge_singleton("waybill", "audit-open-violations", "Violations not known to be gone.")) {
  // Present from the beginning, so that an alarm can be set on them.
  for (const auto* invariant : {"I1", "I2", "I3", "I4", "I5", "I6", "I7"})
    violations->get_or_add({{"invariant", invariant}});
}

} // namespace waybill
