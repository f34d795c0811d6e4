#pragma once

#include "tests/cluster/chaos/run.hpp"

#include <string>
#include <vector>

namespace waybill::chaos {

/// A report as a table: faults by kind, requests by outcome, orders by final status, the longest time without progress
/// after a kill; then the violations, with `repeat`, the command that runs the same again.
std::string report_of(const run_settings& settings, const run_result& result, const std::string& repeat);

/// All runs together: one line for each, and the longest stand-still after any kill.
std::string summary_of(const std::vector<std::pair<run_settings, run_result>>& runs);

} // namespace waybill::chaos
