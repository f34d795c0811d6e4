#include "tests/gateway/support/support.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/node_group.hpp"
#include "tests/support/person.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>

#define CAF_SUITE cluster.couriers
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::test;

// Real couriers: people who sign in, get offers over a WebSocket and answer over HTTP.

namespace {

namespace json = boost::json;

unsigned say(const person& caller, const std::string& delivery, const std::string& word) {
  return caller.send("POST", "/v1/deliveries/" + delivery + '/' + word).status;
}

std::string status_of(const person& caller, const std::string& path) {
  return text_at(caller.send("GET", path).body, "/status");
}

/// The delivery of an order has the same id, but for its kind.
std::string delivery_of(const std::string& order) {
  return "dlv" + order.substr(3);
}

std::string order_path(const std::string& order) {
  return "/v1/orders/" + order;
}

/// A shop whose node demands tokens.
struct shop {
  shop()
    : settings{"--store=sqlite:" + (folder / "waybill.db"),
               "--auth=required",
               "--admin-email=boss@example.com",
               "--admin-password=a good password",
               "--password-memory=8388608",
               "--courier-pool=real",
               "--delivery-answer-within=60s",
               "--delivery-start-within=5s",
               "--order-delivery-poll=500ms"} {
    start();
    boss = sign_in("boss");
    product = make_product(boss);
  }

  void start() {
    node = std::make_unique<node_process>(folder.path().string(), "shop", settings);
    node->await_ready();
  }

  /// SIGKILL, and a restart on the same data. Tokens stay valid, the address changes.
  void restart() {
    node->kill();
    node.reset();
    start();
    boss.url = node->url();
  }

  person sign_in(const std::string& name) const { return test::sign_in({node->url(), {}}, name + "@example.com"); }

  person register_customer(const std::string& name) const {
    const auto made = sign_up({node->url(), {}}, name);
    CAF_REQUIRE_EQUAL(made.status, 201u);
    return {node->url(), text_at(made.body, "/access_token")};
  }

  [[nodiscard]] int port() const { return std::stoi(node->url().substr(node->url().rfind(':') + 1)); }

  temp_folder folder;
  std::vector<std::string> settings;
  std::unique_ptr<node_process> node;
  person boss;
  std::string product;
};

/// A courier with an ear on the event stream.
struct courier_at_work {
  courier_at_work(const shop& at, const std::string& name) {
    const auto customer = at.register_customer(name);
    const auto user = text_at(customer.send("GET", "/v1/me").body, "/id");
    CAF_REQUIRE_EQUAL(at.boss.send("PATCH", "/v1/users/" + user, R"({"roles":["customer","courier"]})").status, 200u);
    me = at.sign_in(name);
    const auto hired =
      at.boss.send("POST", "/v1/couriers", R"({"name":")" + name + R"(","user_id":")" + user + R"(","capacity":1})");
    CAF_REQUIRE_EQUAL(hired.status, 201u);
    id = text_at(hired.body, "/id");
    ear = std::make_unique<web_socket>(static_cast<std::uint16_t>(at.port()),
                                       header_list{{"Authorization", "Bearer " + me.token}});
    ear->send(R"({"type":"subscribe","id":"s","filter":{"types":["delivery.*","courier.*"]},"after":"latest"})");
    CAF_REQUIRE_EQUAL(std::string{ear->read().at("type").as_string()}, "subscribed");
    CAF_REQUIRE_EQUAL(me.send("PATCH", "/v1/couriers/" + id, R"({"online":true})").status, 200u);
  }

  /// Listens until an event of this type comes: the id of its stream, empty when none comes.
  std::string hear(const std::string& type) {
    for (;;) {
      const auto frame = ear->read();
      if (!frame.is_object() || !frame.as_object().contains("event"))
        return {};
      const auto& event = frame.at("event");
      const std::string stream{event.at("stream").as_string()};
      const auto* whose = event.at("data").as_object().if_contains("courier");
      if (stream != id && (whose == nullptr || whose->as_string() != id))
        strange.push_back(json::serialize(event));
      if (event.at("type").as_string() == type)
        return stream;
    }
  }

  person me;
  std::string id;
  std::unique_ptr<web_socket> ear;
  /// Heard, and none of theirs.
  std::vector<std::string> strange;
};

} // namespace

SCENARIO("a courier declines, another one accepts and delivers; each sees only their own deliveries") {
  shop at;
  courier_at_work ann{at, "ann"};
  courier_at_work bob{at, "bob"};
  const auto ada = at.register_customer("ada");
  const auto placed = ada.send("POST", "/v1/orders", order_for_one(at.product));
  CAF_REQUIRE_EQUAL(placed.status, 201u);
  const auto order = text_at(placed.body, "/id");
  const auto job = delivery_of(order);

  // Idle for longest.
  CAF_REQUIRE_EQUAL(ann.hear("delivery.offered"), job);
  CAF_CHECK_EQUAL(text_at(ann.me.send("GET", "/v1/deliveries?status=offered").body, "/items/0/id"), job);
  CAF_CHECK_EQUAL(text_at(ann.me.send("GET", "/v1/deliveries/" + job).body, "/recipient/address"), "Main Street 1");
  CAF_CHECK_EQUAL(bob.me.send("GET", "/v1/deliveries/" + job).status, 404u);
  CAF_CHECK_EQUAL(say(bob.me, job, "accept"), 404u);
  CAF_CHECK_EQUAL(say(ada, job, "accept"), 403u);
  CAF_CHECK_EQUAL(say(ann.me, job, "decline"), 200u);

  CAF_REQUIRE_EQUAL(bob.hear("delivery.offered"), job);
  CAF_CHECK_EQUAL(say(ann.me, job, "accept"), 409u);
  CAF_CHECK_EQUAL(ann.me.send("GET", "/v1/deliveries/" + job).status, 404u);
  for (const auto* word : {"accept", "accept", "start", "complete", "complete"})
    CAF_CHECK_EQUAL(say(bob.me, job, word), 200u);
  CAF_CHECK_EQUAL(bob.hear("delivery.completed"), job);
  CAF_CHECK_EQUAL(bob.hear("courier.released"), bob.id);
  CAF_CHECK(eventually([&] { return status_of(ada, order_path(order)) == "completed"; }));
  CAF_CHECK_EQUAL(text_at(bob.me.send("GET", "/v1/deliveries?status=completed").body, "/items/0/id"), job);
  CAF_CHECK_EQUAL(text_at(ann.me.send("GET", "/v1/deliveries").body, "/items/0/id"), "");
  CAF_CHECK_EQUAL(lines_of(ann.strange), "");
  CAF_CHECK_EQUAL(lines_of(bob.strange), "");
  // The log names the courier.
  const auto events = json::parse(at.boss.send("GET", "/v1/events?stream=" + job + "&type=delivery.completed").body);
  CAF_CHECK_EQUAL(std::string{events.at("items").at(0).at("by").at("kind").as_string()}, "courier");
  CAF_CHECK_EQUAL(at.node->stop(), std::optional<int>{0});
}

SCENARIO("G5: a courier who vanishes loses the delivery to another, over a crash of the node") {
  shop at;
  courier_at_work ann{at, "ann"};
  const auto ada = at.register_customer("ada");
  const auto order = text_at(ada.send("POST", "/v1/orders", order_for_one(at.product)).body, "/id");
  const auto job = delivery_of(order);
  CAF_REQUIRE_EQUAL(ann.hear("delivery.offered"), job);
  CAF_CHECK_EQUAL(say(ann.me, job, "accept"), 200u);
  at.restart();
  courier_at_work bob{at, "bob"};
  // Ann never starts.
  CAF_REQUIRE_EQUAL(bob.hear("delivery.offered"), job);
  for (const auto* word : {"accept", "start", "complete"})
    CAF_CHECK_EQUAL(say(bob.me, job, word), 200u);
  ann.me.url = at.boss.url;
  CAF_CHECK_EQUAL(say(ann.me, job, "start"), 409u);
  CAF_CHECK(eventually([&] { return status_of(at.boss, order_path(order)) == "completed"; }));
  CAF_CHECK(eventually([&] {
    const auto page = json::parse(at.boss.send("GET", "/v1/couriers").body);
    const auto& all = page.at("items").as_array();
    return all.size() == 2
           && std::ranges::all_of(all, [](const auto& courier) { return courier.at("deliveries").as_array().empty(); });
  }));
  CAF_CHECK_EQUAL(at.node->stop(), std::optional<int>{0});
}

SCENARIO("no courier exceeds their capacity, and every order is delivered, when one of two nodes is killed") {
  constexpr const char* all_but_gateway = "order,payment,inventory,delivery,notification";
  constexpr std::size_t orders = 24;
  constexpr std::size_t couriers = 5;
  constexpr std::size_t capacity = 2;
  node_group cluster{{"--courier-pool=real", "--delivery-answer-within=60s", "--order-delivery-poll=500ms",
                      "--courier-check-interval=1s", "--http-drain-delay=20ms"}};
  cluster.launch("back-1", all_but_gateway);
  cluster.launch("back-2", all_but_gateway);
  cluster.launch("gateway-1", "gateway");
  for (const auto* name : {"back-1", "back-2", "gateway-1"})
    cluster.await_up(name);
  const person boss{cluster.node("gateway-1").url(), {}};
  for (std::size_t i = 0; i < couriers; ++i) {
    const auto made = boss.send("POST", "/v1/couriers", R"({"name":"by phone","capacity":2})");
    CAF_REQUIRE_EQUAL(made.status, 201u);
    CAF_REQUIRE_EQUAL(boss.send("PATCH", "/v1/couriers/" + text_at(made.body, "/id"), R"({"online":true})").status,
                      200);
  }
  const auto product = make_product(boss);
  for (std::size_t i = 0; i < orders; ++i)
    CAF_REQUIRE_EQUAL(boss.send("POST", "/v1/orders", order_for_one(product)).status, 201u);

  const auto items = [&](const std::string& path) {
    const auto page = json::parse(boss.send("GET", path).body);
    const auto* list = page.as_object().if_contains("items");
    return list ? list->as_array() : json::array{};
  };
  bool killed = false;
  const auto everything_done = [&] {
    for (const auto& [status, word] : {std::pair{"offered", "accept"}, {"assigned", "start"}, {"started", "complete"}})
      for (const auto& delivery : items("/v1/deliveries?limit=200&status=" + std::string{status}))
        static_cast<void>(say(boss, std::string{delivery.at("id").as_string()}, word));
    for (const auto& courier : items("/v1/couriers"))
      if (courier.at("deliveries").as_array().size() > capacity)
        CAF_FAIL("too much for one courier: " << json::serialize(courier));
    const auto done = items("/v1/orders?limit=200&status=completed").size();
    if (!killed && done >= orders / 4) {
      cluster.node("back-1").kill();
      killed = true;
    }
    return done == orders;
  };
  CAF_CHECK(eventually(everything_done, std::chrono::seconds{180}));
  CAF_CHECK(killed);
  CAF_CHECK(eventually([&] {
    const auto all = items("/v1/couriers");
    return all.size() == couriers
           && std::ranges::all_of(all, [](const auto& courier) { return courier.at("deliveries").as_array().empty(); });
  }));
  cluster.forget("back-1");
  for (const auto& [name, code] : cluster.stop())
    CAF_CHECK_EQUAL(code, std::optional<int>{0});
  CAF_CHECK_EQUAL(cluster.check().text(), "");
}
