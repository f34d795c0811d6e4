#pragma once

#include "outbound/api_client.hpp"
#include "transport/endpoint.hpp"

#include <chrono>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace waybill::bench {

/// The command line is wrong; the text is one line for people.
struct usage_error : std::runtime_error {
  using std::runtime_error::runtime_error;
};

struct order_options {
  outbound::api_server server;
  /// Where its metrics are: the same, or its listener for operators.
  outbound::api_server metrics;
  unsigned concurrency = 64;
  std::chrono::milliseconds duration{10'000};
  std::chrono::milliseconds warmup{2'000};
  unsigned products = 16;
  bool until_delivered = false;
  /// How long the server may take to finish the accepted orders after the load has ended.
  std::chrono::milliseconds drain{120'000};
};

struct sale_options {
  /// A node with the role inventory.
  endpoint node{"127.0.0.1", 4100};
  /// The stock at the beginning.
  std::int64_t units = 100'000;
  /// Each has one reservation under way.
  unsigned buyers = 1'000;
};

struct stream_options {
  outbound::api_server server;
  /// WebSocket connections with one subscription each.
  unsigned subscribers = 1'000;
  /// How many orders are placed meanwhile.
  unsigned orders_per_second = 50;
  std::chrono::milliseconds duration{20'000};
  /// How often an event is caused that all subscribers wait for.
  std::chrono::milliseconds probe{500};
};

/// Reads `90ms`, `10s`, `2m`; throws usage_error.
std::chrono::milliseconds parse_duration(std::string_view text);

/// Reads the words behind `bench orders`; throws usage_error.
order_options parse_order_options(const std::vector<std::string>& args);

/// Reads the words behind `bench flash-sale`; throws usage_error.
sale_options parse_sale_options(const std::vector<std::string>& args);

/// Reads the words behind `bench stream`; throws usage_error.
stream_options parse_stream_options(const std::vector<std::string>& args);

} // namespace waybill::bench
