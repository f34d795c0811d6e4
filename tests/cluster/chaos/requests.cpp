#include "tests/cluster/chaos/requests.hpp"

#include "tests/cluster/chaos/dice.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <array>

namespace waybill::chaos {

namespace {

using namespace std::chrono_literals;
namespace json = boost::json;

constexpr std::uint32_t purpose = 2;
constexpr std::size_t readers = 4;

/// Good cards more often than bad ones, and all the ways in which a provider can fail to answer.
const std::vector<std::string> tokens{"tok_ok",
                                      "tok_ok",
                                      "tok_ok",
                                      "tok_ok",
                                      "tok_ok",
                                      "tok_declined",
                                      "tok_late",
                                      "tok_flaky",
                                      "tok_timeout_charged",
                                      "tok_timeout",
                                      "tok_insufficient_funds"};
const std::vector<std::string> conducts{
  "complete",        "complete",       "complete",         "decline, complete",
  "abort, complete", "hold, complete", "vanish, complete", "decline, abort, decline, abort, decline"};
constexpr std::array<std::int64_t, 4> stock{1'000'000, 1'000'000, 60, 25};

class planner {
public:
  explicit planner(const request_settings& settings) : settings_(settings), dice_(settings.seed, purpose) {}

  request_plan run() {
    const auto count = settings_.rate * static_cast<std::size_t>(settings_.duration.count()) / 1'000;
    for (std::size_t i = 0; i < count; ++i)
      add_order(dice_.between(0ms, settings_.duration));
    std::ranges::stable_sort(plan_.requests, {}, &planned_request::at);
    return std::move(plan_);
  }

private:
  void add_order(milliseconds at) {
    planned_order order;
    const auto index = plan_.orders.size();
    order.label = "chaos-" + std::to_string(settings_.seed) + "-" + std::to_string(index);
    order.keyed = !dice_.one_in(4);
    order.lines.push_back(
      {dice_.one_in(8) ? 2 + dice_.below(2) : dice_.below(2), static_cast<std::int64_t>(1 + dice_.below(3))});
    if (dice_.one_in(6))
      order.lines.push_back({dice_.below(stock.size()), 1});
    order.token = dice_.pick(tokens);
    order.couriers = dice_.pick(conducts);
    plan_.orders.push_back(order);

    const bool race = order.keyed && dice_.one_in(6);
    auto& placed = add(race ? request_kind::race : request_kind::place, at, index);
    placed.copies = race ? 2 + dice_.below(3) : 1;
    placed.persistent = order.keyed;
    if (dice_.one_in(6))
      add(request_kind::cancel, at + dice_.between(0ms, 1'500ms), index).persistent = true;
    if (order.keyed && dice_.one_in(20))
      add(request_kind::reuse_key, at + dice_.between(500ms, 3s), index);
    for (auto reads = dice_.below(4); reads > 0; --reads)
      add(request_kind::read, at + dice_.between(100ms, 12s), index);
    if (dice_.one_in(10))
      add(request_kind::history, at + dice_.between(1s, 10s), index);
    if (dice_.one_in(10))
      add(request_kind::list, at, index);
  }

  planned_request& add(request_kind kind, milliseconds at, std::size_t order) {
    // The load ends soon after its last order.
    at = std::min(at, settings_.duration + 2s);
    plan_.requests.push_back({kind, at, order, dice_.below(settings_.gateways), dice_.below(readers), 1, false});
    return plan_.requests.back();
  }

  const request_settings& settings_;
  dice dice_;
  request_plan plan_;
};

} // namespace

std::string_view word_of(request_kind kind) noexcept {
  static constexpr std::array words{"place", "race", "reuse-key", "cancel", "read", "history", "list"};
  return words.at(static_cast<std::size_t>(kind));
}

std::vector<std::int64_t> stock_of_products() {
  return {stock.begin(), stock.end()};
}

request_plan make_requests(const request_settings& settings) {
  return planner{settings}.run();
}

request_plan make_verification(const request_plan& plan, std::size_t gateways) {
  request_plan asked;
  asked.orders = plan.orders;
  for (std::size_t i = 0; i < plan.orders.size(); ++i) {
    for (std::size_t gateway = 0; gateway < gateways; ++gateway)
      asked.requests.push_back({request_kind::read, {}, i, gateway, readers, 1, true});
    if (plan.orders[i].keyed)
      asked.requests.push_back({request_kind::place, {}, i, i % gateways, readers, 1, true});
  }
  return asked;
}

std::string body_of(const planned_order& order, const std::vector<std::string>& products) {
  json::array lines;
  for (const auto& line : order.lines)
    lines.push_back({{"product_id", products.at(line.product)}, {"quantity", line.quantity}});
  return json::serialize(
    json::value{{"lines", std::move(lines)},
                {"payment", {{"method", "card"}, {"token", order.token}}},
                {"delivery", {{"name", "Ada"}, {"address", "Quay Street 1 [couriers: " + order.couriers + "]"}}},
                {"note", order.label}});
}

} // namespace waybill::chaos
