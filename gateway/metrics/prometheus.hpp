#pragma once

#include <caf/fwd.hpp>

#include <string>

/// Prometheus' text format, version 0.0.4, by the rules that `promtool check metrics` knows: counters and nothing else
/// end in `_total`, no sample has a time of its own (a scrape is its time, and what is gone must become stale).
namespace waybill::http {

/// All metrics of a registry.
std::string prometheus_text(const caf::telemetry::metric_registry& registry);

/// What the system knows of this process, under the names that all clients of Prometheus use, and which program it is.
std::string process_metrics_text();

} // namespace waybill::http
