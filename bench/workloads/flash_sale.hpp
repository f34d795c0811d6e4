#pragma once

#include "bench/command_line.hpp"
#include "bench/histogram.hpp"
#include "domain/base/result.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <string>

struct ssl_ctx_st;

namespace waybill::bench {

/// The result of a sale.
struct sale_result {
  std::uint64_t reserved = 0;
  std::uint64_t refused = 0;
  /// From the first request until the last unit was reserved.
  double seconds = 0;
  /// Of a reservation, in microseconds.
  histogram time;
  /// By the error of the node.
  std::map<std::string, std::uint64_t> errors;
  /// The stock of the product when it was sold out.
  std::int64_t on_hand_at_end = 0;
  std::int64_t reserved_at_end = 0;
};

/// Puts a product with `units` on sale and lets all buyers reserve one unit after the other until it is sold out, by
/// the messages that orders send to the stock of another node. The reservations end by themselves some minutes later.
/// By mutual TLS with OpenSSL's context `tls`; null: plain. Blocks. Fails as node_client does, with
/// ec::invalid_argument when the node has no stock, and ec::timed_out when the sale does not end.
result<sale_result> run_flash_sale(const sale_options& options, std::shared_ptr<ssl_ctx_st> tls);

} // namespace waybill::bench
