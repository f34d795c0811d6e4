#pragma once

#include "outbound/tool_client.hpp"
#include "transport/endpoint.hpp"

#include <chrono>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace waybill::bench {

/// A command line that cannot be understood; the text is one line for people.
struct usage_error : std::runtime_error {
  using std::runtime_error::runtime_error;
};

struct options {
  outbound::endpoint server;
  unsigned concurrency = 64;
  std::chrono::milliseconds duration{10'000};
  std::chrono::milliseconds warmup{2'000};
  unsigned products = 16;
  bool until_delivered = false;
  /// How long the server may take to finish what it has accepted, after the load has ended.
  std::chrono::milliseconds drain{120'000};
};

struct sale_options {
  /// A node with the role inventory.
  endpoint node{"127.0.0.1", 4100};
  /// On hand when the sale begins.
  std::int64_t units = 100'000;
  /// Each has one reservation under way.
  unsigned buyers = 1'000;
};

struct stream_options {
  outbound::endpoint server;
  /// WebSocket connections with one subscription each.
  unsigned subscribers = 1'000;
  /// Placed at this pace meanwhile.
  unsigned orders_per_second = 50;
  std::chrono::milliseconds duration{20'000};
  /// How often the event is made that all subscribers wait for.
  std::chrono::milliseconds probe{500};
};

/// Reads `90ms`, `10s`, `2m`; throws usage_error.
std::chrono::milliseconds parse_duration(std::string_view text);

/// Reads the words behind `bench orders`; throws usage_error.
options parse_options(const std::vector<std::string>& args);

/// Reads the words behind `bench flash-sale`; throws usage_error.
sale_options parse_sale_options(const std::vector<std::string>& args);

/// Reads the words behind `bench stream`; throws usage_error.
stream_options parse_stream_options(const std::vector<std::string>& args);

} // namespace waybill::bench
