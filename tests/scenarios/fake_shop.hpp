#pragma once

#include "tests/support/scripted_server.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <map>
#include <string>
#include <vector>

/// As much of the API as a story needs: an order is placed at the first look and completed at the second.
namespace waybill::testing {

namespace json = boost::json;

struct fake_shop {
  static constexpr const char* suffix = "01jd0000000000000000";

  /// The final status of the order.
  std::string end_status = "completed";
  /// After the first this many POSTs of one key, each answers 409.
  int in_progress_after = 1'000'000;
  int captures = 1;
  std::vector<std::string> withdrawn;
  int orders_posted = 0;
  int looks = 0;
  std::int64_t on_hand = 0;

  scripted_answer operator()(const scripted_request& request) {
    const auto path = request.target.substr(0, request.target.find('?'));
    if (request.method == "POST" && path == "/v1/products") {
      on_hand = json::parse(request.body).at("on_hand").as_int64();
      return {201, R"({"id":"prd_01jd0000000000000000"})"};
    }
    if (request.method == "DELETE") {
      withdrawn.push_back(path);
      return {204, ""};
    }
    if (path == "/v1/products/prd_01jd0000000000000000")
      return {200,
              json::serialize(json::object{{"on_hand", on_hand - 1}, {"reserved", 0}, {"available", on_hand - 1}})};
    if (request.method == "POST" && path == "/v1/orders")
      return place();
    if (path == order_path())
      return {200, order(++looks > 1 ? end_status : "placed")};
    if (path == order_path() + "/events")
      return {200, order_events()};
    if (path == "/v1/events")
      return {200, stream_events(request.target)};
    return {404, R"({"code":"not_found"})"};
  }

private:
  static std::string order_path() { return std::string{"/v1/orders/ord_"} + suffix; }

  static std::string order(const std::string& status) {
    return json::serialize(json::object{{"id", std::string{"ord_"} + suffix}, {"status", status}});
  }

  scripted_answer place() {
    ++orders_posted;
    if (orders_posted > in_progress_after)
      return {409, R"({"code":"idempotency_in_progress"})"};
    return {201, order("placed"), orders_posted > 1};
  }

  static std::string events(const std::string& prefix, const std::vector<std::string>& types) {
    json::array items;
    const auto stream = prefix + suffix;
    for (std::size_t i = 0; i < types.size(); ++i)
      items.push_back(json::object{{"id", "evt_" + stream + "." + std::to_string(i + 1)},
                                   {"stream", stream},
                                   {"type", types[i]},
                                   {"occurred_at", "2026-11-21T03:40:22.00000" + std::to_string(i) + "Z"},
                                   {"data", json::object{{"reason", "because"}, {"token", "tok_secret"}}}});
    return json::serialize(json::object{{"items", items}, {"next_cursor", nullptr}});
  }

  // The events of the order's payment and delivery are among its own, as in the API.
  std::string order_events() const {
    auto own = json::parse(events("ord_", {"order.placed", "order.completed"}));
    const auto others = json::parse(stream_events("stream=pay_"));
    for (const auto& other : others.at("items").as_array())
      own.at("items").as_array().push_back(other);
    return json::serialize(own);
  }

  std::string stream_events(const std::string& target) const {
    if (target.find("stream=pay_") != std::string::npos) {
      std::vector<std::string> types{"payment.authorized"};
      types.insert(types.end(), static_cast<std::size_t>(captures), "payment.captured");
      return events("pay_", types);
    }
    return events("dlv_", {"delivery.completed"});
  }
};

} // namespace waybill::testing
