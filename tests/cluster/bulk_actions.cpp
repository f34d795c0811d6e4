#include "tests/support/eventually.hpp"
#include "tests/support/role_cluster.hpp"

#include <boost/json.hpp>

#include <functional>
#include <map>
#include <string>
#include <vector>

#define CAF_SUITE cluster.bulk_actions
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::test;

namespace {

namespace json = boost::json;

constexpr int many = 400;

/// Orders that wait long enough before they are dispatched to be held.
std::vector<std::string> patient_settings() {
  return with_options(quick_settings(), {"--order-grace=10m", "--order-dispatch-deadline=20m"});
}

std::vector<std::string> place_orders(const std::string& url) {
  const auto products = stock_products(url);
  std::vector<wish> wishes;
  for (int i = 0; i < many; ++i) {
    wish wanted;
    wanted.key = "bulk-" + std::to_string(i);
    wanted.body = R"({"lines":[{"product_id":")" + products.front()
                  + R"(","quantity":1}],"payment":{"method":"card","token":"tok_ok"},)"
                    R"("delivery":{"name":"Ada","address":"1 Main Street"}})";
    wishes.push_back(std::move(wanted));
  }
  rush orders{url, wishes, std::chrono::seconds{60}};
  orders.wait();
  std::vector<std::string> ids;
  for (const auto& wanted : wishes)
    ids.push_back(wanted.order.value());
  return ids;
}

bool all_confirmed(const std::string& url) {
  const auto page = get(url, "/v1/orders?status=placed&limit=1");
  return page && page->status == 200 && json::parse(page->body).at("items").as_array().empty();
}

/// The bulk action, or null while it cannot be asked.
json::value look(const std::string& url, const std::string& path) {
  const auto answer = get(url, path);
  return answer && answer->status == 200 ? json::parse(answer->body) : json::value{};
}

std::int64_t done_of(const json::value& action) {
  return action.is_object() ? action.at("counts").at("done").as_int64() : 0;
}

/// Whose events of that type the orders have, each with how often.
std::map<std::string, int> held_by_cause(const std::string& url, const std::vector<std::string>& ids) {
  std::map<std::string, int> causes;
  for (const auto& id : ids) {
    const auto events = get(url, "/v1/orders/" + id + "/events?type=order.held");
    CAF_REQUIRE(events && events->status == 200);
    const auto page = json::parse(events->body);
    for (const auto& event : page.at("items").as_array())
      ++causes[std::string{event.at("causation_id").as_string()}];
  }
  return causes;
}

/// Starts a bulk action for all orders and gives its path.
std::string start(const std::string& url, const std::string& action, const std::vector<std::string>& ids) {
  const json::array orders(ids.begin(), ids.end());
  outbound::api_request request{"POST", "/v1/bulk-actions", {}, {}};
  request.body = json::serialize(json::object{{"action", action}, {"reason", "recalled"}, {"orders", orders}});
  request.headers.emplace_back("Idempotency-Key", action + "-all");
  const auto started = call(url, request);
  CAF_REQUIRE(started && started->status == 202);
  return "/v1/bulk-actions/" + text_at(started->body, "/id");
}

json::value await_end(role_cluster& shop, const std::string& path) {
  CAF_REQUIRE(eventually([&] {
    const auto action = look(shop.url(), path);
    return action.is_object() && action.at("status").as_string() == "finished";
  }));
  return look(shop.url(), path);
}

/// Holds all orders at once, does `harm` when some are held, and checks the result. `killed`: the node that does not
/// come back, which another one replaces.
void hold_all(const std::function<void(role_cluster&)>& harm, const std::string& killed = {}) {
  role_cluster shop{patient_settings()};
  if (!killed.empty())
    shop.add(killed + "-2", killed);
  const auto ids = place_orders(shop.url());
  CAF_REQUIRE(eventually([&] { return all_confirmed(shop.url()); }));
  const auto path = start(shop.url(), "hold", ids);
  CAF_REQUIRE(eventually([&] { return done_of(look(shop.url(), path)) > 0; }));
  harm(shop);
  CAF_CHECK_EQUAL(done_of(await_end(shop, path)), many);
  const auto causes = held_by_cause(shop.url(), ids);
  CAF_CHECK_EQUAL(causes.size(), ids.size());
  for (const auto& [cause, count] : causes)
    CAF_CHECK_EQUAL(count, 1);
  CAF_CHECK_EQUAL(start(shop.url(), "hold", ids), path);
  // At rest all is as it must be.
  CAF_CHECK_EQUAL(done_of(await_end(shop, start(shop.url(), "cancel", ids))), many);
  CAF_REQUIRE(eventually([&] {
    const auto page = get(shop.url(), "/v1/orders?status=confirmed,cancelling&limit=1");
    return page && page->status == 200 && json::parse(page->body).at("items").as_array().empty();
  }));
  for (const auto& [name, code] : shop.stop())
    if (name != killed)
      CAF_CHECK_EQUAL(code, std::optional<int>{0});
  CAF_CHECK_EQUAL(shop.check().text(), "");
}

} // namespace

SCENARIO("a bulk action goes on after the node that runs it was killed, each order once") {
  hold_all([](role_cluster& shop) {
    shop.node("order").kill();
    shop.restart("order");
  });
}

SCENARIO("a bulk action goes on at another node when its own is killed for good") {
  hold_all([](role_cluster& shop) { shop.node("order").kill(); }, "order");
}

SCENARIO("a bulk action continues when the gateway that accepted it ends") {
  hold_all([](role_cluster& shop) {
    shop.node("gateway").kill();
    shop.restart("gateway");
  });
}
