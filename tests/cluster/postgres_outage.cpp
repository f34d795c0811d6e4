#include "tests/support/eventually.hpp"
#include "tests/support/invariant_check.hpp"
#include "tests/support/node_process.hpp"
#include "tests/support/postgres.hpp"
#include "tests/support/shop.hpp"
#include "tests/support/temp_folder.hpp"

#define CAF_SUITE cluster.postgres_outage
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::test;

namespace {

struct outage {
  test_postgres server;
  std::string database = server.create_database();
  temp_folder folder;
  std::optional<node_process> node;

  outage() { start(); }

  void start() {
    auto settings = quick_settings();
    settings.push_back("--store=" + database);
    settings.push_back("--http-request-timeout=3s");
    node.reset();
    node.emplace(folder.path().string(), "single", settings);
    node->await_ready();
    // The node has its first placement a moment after it serves.
    CAF_REQUIRE(
      eventually([this] { return get(node->url(), "/v1/products/prd_00000000000000000000")->status == 404; }));
  }

  invariant_report check() const {
    store_config store;
    store.url = database;
    auto ledger = store;
    ledger.schema = "simulated_provider";
    return check_invariants(store, ledger);
  }
};

void check_unavailable(const result<outbound::response>& answer) {
  CAF_REQUIRE(answer.has_value());
  CAF_CHECK_EQUAL(answer->status, 503u);
  CAF_CHECK(!answer->header("Retry-After").empty());
  CAF_CHECK_EQUAL(std::string{answer->header("Content-Type")}, "application/problem+json");
  CAF_CHECK_EQUAL(text_at(answer->body, "/code"), "unavailable");
  CAF_CHECK_EQUAL(answer->body.find("postgres"), std::string::npos);
}

/// What a gateway says and does without its database, and that all goes on when it is back.
void take_away(bool crash) {
  outage shop;
  const auto url = shop.node->url();
  const auto products = stock_products(url);
  auto wishes = mixed_wishes(100, products);
  rush orders{url, wishes, std::chrono::seconds{25}};
  CAF_REQUIRE(eventually([&] { return orders.accepted() >= 30; }));
  crash ? shop.server.kill() : shop.server.stop();

  CAF_REQUIRE(eventually([&] { return get(url, "/readyz")->status == 503; }));
  const auto ready = get(url, "/readyz");
  CAF_CHECK(!ready->header("Retry-After").empty());
  CAF_CHECK(ready->body.find("database") != std::string::npos);
  CAF_CHECK_EQUAL(get(url, "/healthz")->status, 200u);
  check_unavailable(get(url, "/v1/orders"));
  // No promise either way: it may be carried out later, so it has a key under which it is sent again.
  auto late = mixed_wishes(101, products);
  late.erase(late.begin(), late.end() - 1);
  outbound::request place;
  place.method = "POST";
  place.target = "/v1/orders";
  place.headers.emplace_back("Idempotency-Key", late[0].key);
  place.body = late[0].body;
  check_unavailable(call(url, place));

  shop.server.start();
  CAF_CHECK(eventually([&] { return get(url, "/readyz")->status == 200; }));
  orders.wait();
  rush{url, late, std::chrono::seconds{20}}.wait();
  wishes.push_back(late[0]);
  CAF_CHECK_EQUAL(count_accepted(wishes), wishes.size());
  CAF_CHECK_EQUAL(lines_of(await_final(url, wishes, std::chrono::seconds{12})), "");
  CAF_CHECK_EQUAL(lines_of(find_wrong_replays(url, wishes)), "");
  CAF_CHECK_EQUAL(shop.node->stop(), std::optional<int>{0});
  CAF_CHECK_EQUAL(shop.check().text(), "");
}

} // namespace

SCENARIO("G1, G3, G7: while PostgreSQL is stopped the gateway says so, afterwards everything goes on by itself") {
  take_away(false);
}

SCENARIO("G1, G3, G7: a crash of PostgreSQL loses nothing that was accepted") {
  take_away(true);
}

SCENARIO("G1: what was answered 201 is there when PostgreSQL crashes and then the node is killed") {
  outage shop;
  auto wishes = mixed_wishes(200, stock_products(shop.node->url()));
  {
    rush orders{shop.node->url(), wishes};
    REQUIRE(eventually([&] { return orders.accepted() >= 80; }));
    shop.server.kill();
    // Requests that came without a database are on their way by now: none may be answered with 201 from here on.
    REQUIRE(eventually([&] { return get(shop.node->url(), "/readyz")->status == 503; }));
    shop.node->kill();
  }
  CAF_MESSAGE(count_accepted(wishes) << " orders were accepted");
  shop.server.start();
  shop.start();
  CHECK_EQ(lines_of(find_wrong_replays(shop.node->url(), wishes)), "");
  CHECK_EQ(lines_of(await_final(shop.node->url(), wishes)), "");
  CHECK_EQ(shop.node->stop(), std::optional<int>{0});
  CHECK_EQ(shop.check().text(), "");
}

SCENARIO("a node ends in good order while its database is away") {
  outage shop;
  shop.server.stop();
  CHECK_EQ(shop.node->stop(), std::optional<int>{0});
}
