#pragma once

#include "domain/base/time.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// The customers' requests and their times. Pure: the same settings give the same requests.
namespace waybill::chaos {

struct planned_line {
  /// The place in the list of products that the run makes.
  std::size_t product = 0;
  std::int64_t quantity = 1;
};

struct planned_order {
  /// The order's note, unique in the run; with `keyed` also its Idempotency-Key.
  std::string label;
  bool keyed = true;
  std::vector<planned_line> lines;
  std::string token;
  std::string couriers;
};

enum class request_kind : std::uint8_t {
  place,
  /// The same order as often as `copies` at once, at both gateways.
  race,
  /// Another order under the key of one that was accepted before.
  reuse_key,
  cancel,
  read,
  /// The history of one order.
  history,
  list
};

std::string_view word_of(request_kind kind) noexcept;

struct planned_request {
  request_kind kind = request_kind::place;
  /// Since the start of the load.
  milliseconds at{0};
  /// The place in `orders`.
  std::size_t order = 0;
  /// Which is asked first; a request that is repeated changes between them.
  std::size_t gateway = 0;
  /// The reader: the versions that one reader sees through one gateway must never go back.
  std::size_t reader = 0;
  std::size_t copies = 1;
  /// Repeated until there is an answer that says something about the order.
  bool persistent = false;
};

struct request_plan {
  std::vector<planned_order> orders;
  /// By time.
  std::vector<planned_request> requests;
};

struct request_settings {
  std::uint64_t seed = 1;
  milliseconds duration{60'000};
  /// Orders a second.
  std::size_t rate = 15;
  std::size_t gateways = 2;
};

/// How many of each product there are in the beginning; the scarce ones sell out.
std::vector<std::int64_t> stock_of_products();

request_plan make_requests(const request_settings& settings);

/// Afterwards: every order is read through each gateway, and every one with a key is asked for again under it.
request_plan make_verification(const request_plan& plan, std::size_t gateways);

/// The body of POST /v1/orders; `products` are the ids.
std::string body_of(const planned_order& order, const std::vector<std::string>& products);

} // namespace waybill::chaos
