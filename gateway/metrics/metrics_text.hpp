#pragma once

#include <caf/fwd.hpp>

#include <cstdint>
#include <string>

namespace waybill::tracing {
class exemplars;
}

namespace waybill::http {

/// `prometheus`: Prometheus' text format, version 0.0.4, by the rules that `promtool check metrics` knows: counters and
/// nothing else end in `_total`, no sample has a time of its own (a scrape is its time, and what is gone must become
/// stale). `openmetrics`: OpenMetrics 1.0, which has exemplars.
enum class exposition : std::uint8_t { prometheus, openmetrics };

/// All metrics of a registry, and those of this process: what the system knows of it, under the names that all clients
/// of Prometheus use, and which program it is. `known` may be null.
std::string metrics_text(const caf::telemetry::metric_registry& registry, exposition format,
                         const tracing::exemplars* known = nullptr);

} // namespace waybill::http
