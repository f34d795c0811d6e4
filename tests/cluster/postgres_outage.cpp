#include "tests/support/eventually.hpp"
#include "tests/support/invariant_check.hpp"
#include "tests/support/node_process.hpp"
#include "tests/support/postgres.hpp"
#include "tests/support/http_shop.hpp"
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
  std::vector<std::string> limits;

  explicit outage(std::vector<std::string> limits = {"--http-request-timeout=3s", "--store-read-timeout=1500ms",
                                                     "--store-write-timeout=2500ms"})
    : limits{std::move(limits)} {
    start();
  }

  void start() {
    auto settings = quick_settings();
    settings.push_back("--store=" + database);
    settings.insert(settings.end(), limits.begin(), limits.end());
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

void check_unavailable(const outbound::http_result& answer) {
  CAF_REQUIRE(answer.has_value());
  CAF_CHECK_EQUAL(answer->status, 503u);
  CAF_CHECK(!answer->header("Retry-After").empty());
  CAF_CHECK_EQUAL(std::string{answer->header("Content-Type")}, "application/problem+json");
  CAF_CHECK_EQUAL(text_at(answer->body, "/code"), "unavailable");
  CAF_CHECK_EQUAL(answer->body.find("postgres"), std::string::npos);
}

/// How many requests the gateway has refused at its door because of the database.
bool has_refused(const std::string& url) {
  const auto metrics = get(url, "/metrics");
  constexpr std::string_view name = "waybill_http_refused_total{reason=\"store\"} ";
  const auto at = metrics->body.find(name);
  return at != std::string::npos && metrics->body.at(at + name.size()) != '0';
}

enum class trouble { stop, crash, hang };

void begin(trouble kind, test_postgres& server) {
  switch (kind) {
    case trouble::stop: server.stop(); break;
    case trouble::crash: server.kill(); break;
    case trouble::hang: server.freeze(); break;
  }
}

void end(trouble kind, test_postgres& server) {
  kind == trouble::hang ? server.thaw() : server.start();
}

/// The answers of a gateway without its database, and that everything continues when it is back.
void take_away(trouble kind) {
  outage shop;
  const auto url = shop.node->url();
  const auto products = stock_products(url);
  auto wishes = mixed_wishes(100, products);
  rush orders{url, wishes, std::chrono::seconds{60}};
  CAF_REQUIRE(eventually([&] { return orders.accepted() >= 30; }));
  begin(kind, shop.server);

  CAF_REQUIRE(eventually([&] { return get(url, "/readyz")->status == 503; }));
  const auto ready = get(url, "/readyz");
  CAF_CHECK(!ready->header("Retry-After").empty());
  CAF_CHECK(ready->body.find("database") != std::string::npos);
  CAF_CHECK_EQUAL(get(url, "/healthz")->status, 200u);
  check_unavailable(get(url, "/v1/orders"));
  // No promise either way: it may be carried out later, so it has a key under which it is sent again.
  auto late = mixed_wishes(101, products);
  late.erase(late.begin(), late.end() - 1);
  outbound::api_request place;
  place.method = "POST";
  place.target = "/v1/orders";
  place.headers.emplace_back("Idempotency-Key", late[0].key);
  place.body = late[0].body;
  check_unavailable(call(url, place));
  // At once and without a thread that waits for the database.
  CAF_CHECK(has_refused(url));
  // Long enough for every connection to be given up, and for the lease to end.
  CAF_CHECK(eventually([&] { return shop.node->log().find("could not renew its lease") != std::string::npos; }));
  CAF_CHECK(shop.node->log().find("the database cannot be used") != std::string::npos);

  end(kind, shop.server);
  CAF_CHECK(eventually([&] { return get(url, "/readyz")->status == 200; }));
  orders.wait();
  rush{url, late, std::chrono::seconds{60}}.wait();
  wishes.push_back(late[0]);
  CAF_CHECK_EQUAL(count_accepted(wishes), wishes.size());
  CAF_CHECK_EQUAL(lines_of(await_final(url, wishes)), "");
  CAF_CHECK_EQUAL(lines_of(find_wrong_replays(url, wishes)), "");
  CAF_CHECK_EQUAL(shop.node->stop(), std::optional<int>{0});
  CAF_CHECK_EQUAL(shop.check().text(), "");
}

} // namespace

SCENARIO("G1, G3, G7: while PostgreSQL is stopped the gateway says so, and afterwards everything continues by itself") {
  take_away(trouble::stop);
}

SCENARIO("G1, G3, G7: a crash of PostgreSQL loses nothing that was accepted") {
  take_away(trouble::crash);
}

SCENARIO("G1, G3, G7: a PostgreSQL server that hangs is noticed, and nothing waits for it without limit") {
  take_away(trouble::hang);
}

SCENARIO("G1, G3: no request fails when connections to PostgreSQL are cut again and again") {
  // Limits that only a node that waits without an answer would reach.
  outage shop{
    {"--http-request-timeout=25s", "--store-read-timeout=10s", "--store-write-timeout=10s", "--store-patience=5s"}};
  const auto url = shop.node->url();
  auto wishes = mixed_wishes(150, stock_products(url));
  // Each is sent once: the journals write again by themselves.
  rush orders{url, wishes};
  int cut = 0;
  for (std::size_t next = 10; next <= 100; next += 10) {
    REQUIRE(eventually([&] { return orders.accepted() >= next; }));
    cut += shop.server.terminate_sessions(shop.database);
    for (int i = 0; i < 3; ++i)
      CHECK_EQ(get(url, "/v1/orders?limit=5")->status, 200u);
    CHECK_EQ(get(url, "/v1/events?limit=5")->status, 200u);
  }
  orders.wait();
  CAF_MESSAGE(cut << " connections were cut");
  CHECK(cut >= 20);
  CHECK_EQ(count_accepted(wishes), wishes.size());
  CHECK_EQ(lines_of(await_final(url, wishes)), "");
  CHECK_EQ(lines_of(find_wrong_replays(url, wishes)), "");
  CHECK_EQ(shop.node->stop(), std::optional<int>{0});
  CHECK_EQ(shop.check().text(), "");
}

SCENARIO("G1: an order answered 201 exists after a crash of PostgreSQL and a kill of the node") {
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

SCENARIO("a node shuts down properly while its database is unavailable or hangs, with requests under way") {
  for (const auto kind : {trouble::stop, trouble::hang}) {
    outage shop;
    auto wishes = mixed_wishes(200, stock_products(shop.node->url()));
    rush orders{shop.node->url(), wishes};
    REQUIRE(eventually([&] { return orders.accepted() >= 20; }));
    begin(kind, shop.server);
    CHECK_EQ(shop.node->stop(), std::optional<int>{0});
  }
}
