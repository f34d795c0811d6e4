#pragma once

#include "bench/command_line.hpp"
#include "bench/histogram.hpp"

#include <cstdint>
#include <map>
#include <string>

namespace waybill::bench {

/// What subscribers received; times in microseconds, from sending the request that causes the event.
struct stream_result {
  double seconds = 0;
  std::uint64_t probes = 0;
  std::uint64_t received = 0;
  std::uint64_t orders = 0;
  /// Until one subscriber had received the event.
  histogram event;
  /// Until all had received it.
  histogram to_the_last;
  /// By status, or by the reason why there was none.
  std::map<std::string, std::uint64_t> errors;
};

/// Opens all subscriptions, then changes the stock of a product again and again, which causes an event for every
/// subscriber, while orders are placed at an even pace. Blocks. Throws server_error when subscribers cannot connect.
stream_result run_stream(const stream_options& options);

} // namespace waybill::bench
