#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace waybill::bench {

/// The orders that the server counts as finished, by status: waybill_orders_finished_total in Prometheus' text format,
/// summed over all other labels.
using finished_counts = std::map<std::string, std::uint64_t, std::less<>>;

finished_counts read_finished(std::string_view metrics);

std::uint64_t total(const finished_counts& counts);

} // namespace waybill::bench
