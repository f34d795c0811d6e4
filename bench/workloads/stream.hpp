#pragma once

#include "bench/histogram.hpp"
#include "bench/options.hpp"

#include <cstdint>
#include <map>
#include <string>

namespace waybill::bench {

/// What subscribers saw; times in microseconds, from sending the request that makes the event.
struct stream_result {
  double seconds = 0;
  std::uint64_t probes = 0;
  std::uint64_t received = 0;
  std::uint64_t orders = 0;
  /// Until one subscriber had the event.
  histogram event;
  /// Until all had it.
  histogram to_the_last;
  /// By status, or by what broke.
  std::map<std::string, std::uint64_t> errors;
};

/// Opens all subscriptions, then changes the stock of a product again and again, which every subscriber is told of,
/// while orders are placed at an even pace. Blocks. Throws server_error when subscribers cannot connect.
stream_result run_stream(const stream_options& how);

} // namespace waybill::bench
