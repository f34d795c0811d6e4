// PostgreSQL loses its tail: a base backup is started in its place, under running nodes and under new ones.

#include "persistence/store.hpp"
#include "tests/gateway/support/support.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/http_shop.hpp"
#include "tests/support/invariant_check.hpp"
#include "tests/support/node_process.hpp"
#include "tests/support/postgres.hpp"
#include "tests/support/stored_contents.hpp"
#include "tests/support/temp_folder.hpp"

#include <algorithm>
#include <map>
#include <set>

#define CAF_SUITE cluster.log_replaced
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::test;

namespace {

struct two_nodes {
  test_postgres server;
  store_config store{.url = server.create_database()};
  temp_folder folder;
  std::map<std::string, node_process> nodes;
  std::vector<std::string> products;

  two_nodes() {
    start();
    products = stock_products(url("a"));
  }

  void start() {
    auto settings = quick_settings();
    settings.push_back("--store=" + store.url);
    for (const std::string name : {"a", "b"})
      nodes.try_emplace(name, folder.path().string(), name, settings);
    for (auto& [name, node] : nodes)
      node.await_ready();
    await_serving();
  }

  /// Each node has its placements a moment after it is ready.
  void await_serving() {
    for (const std::string name : {"a", "b"})
      CAF_REQUIRE(eventually([&] {
        const auto missing = get(url(name), "/v1/products/prd_00000000000000000000");
        const auto ready = get(url(name), "/readyz");
        return missing && missing->status == 404 && ready && ready->status == 200;
      }));
  }

  [[nodiscard]] std::string url(const std::string& name) { return nodes.at(name).url(); }
  [[nodiscard]] std::uint16_t port(const std::string& name) {
    return static_cast<std::uint16_t>(std::stoul(url(name).substr(url(name).rfind(':') + 1)));
  }

  void place(std::size_t count) {
    // Each time other ones than before: the key is the order's note too.
    auto wishes = mixed_wishes(placed_ + count, products);
    wishes.erase(wishes.begin(), wishes.begin() + static_cast<std::ptrdiff_t>(placed_));
    placed_ += count;
    rush{url("a"), wishes, std::chrono::seconds{60}}.wait();
    CAF_CHECK_EQUAL(count_accepted(wishes), count);
    CAF_CHECK_EQUAL(lines_of(await_final(url("b"), wishes)), "");
  }

  /// The position of the newest event.
  std::string end() {
    std::string cursor;
    std::vector<std::string> ids;
    follow_log(url("b"), cursor, ids);
    return cursor;
  }

  void check_refused(const std::string& position) {
    for (const std::string name : {"a", "b"})
      for (const std::string target : {"/v1/events?after=", "/v1/events/stream?after="}) {
        const auto answer = get(url(name), target + position);
        CAF_REQUIRE(answer.has_value());
        CAF_CHECK_EQUAL(answer->status, 410u);
        CAF_CHECK_EQUAL(text_at(answer->body, "/code"), "cursor_expired");
      }
  }

  /// A reader from the beginning sees all that is stored, once.
  void check_all_can_be_read() {
    const auto contents = read_contents(store);
    std::set<std::string> stored;
    for (const auto& event : contents.events)
      stored.insert(event_id(event));
    std::string cursor;
    std::vector<std::string> seen;
    CAF_CHECK(eventually([&] {
      follow_log(url("a"), cursor, seen);
      return seen.size() >= stored.size();
    }));
    const std::set<std::string> all(seen.begin(), seen.end());
    CAF_CHECK_EQUAL(all.size(), seen.size());
    CAF_CHECK(std::ranges::includes(all, stored));
  }

  [[nodiscard]] std::size_t count_of(const std::string& type) const {
    const auto contents = read_contents(store);
    return static_cast<std::size_t>(
      std::ranges::count_if(contents.events, [&](const stored_event& event) { return event.type == type; }));
  }

  void stop() {
    for (auto& [name, node] : nodes)
      CAF_CHECK_EQUAL(node.stop(), std::optional<int>{0});
    auto ledger = store;
    ledger.schema = "simulated_provider";
    CAF_CHECK_EQUAL(check_invariants(store, ledger).text(), "");
  }

private:
  std::size_t placed_ = 0;
};

} // namespace

SCENARIO("G11: PostgreSQL loses its last commits under running nodes: subscribers are told, nodes forget them") {
  two_nodes shop;
  shop.place(20);
  shop.server.save_backup();
  shop.place(20);
  connection live{shop.port("a")};
  live.write("GET /v1/events/stream?after=latest HTTP/1.1\r\nHost: localhost\r\n\r\n");
  live.read_until("retry:");
  shop.place(5);
  const auto lost = shop.end();

  shop.server.restore_backup();
  shop.server.start();
  const auto rest = live.read_to_end();
  CHECK(rest.find("event: error\ndata: {") != std::string::npos);
  CHECK(rest.find("\"code\":\"cursor_expired\"") != std::string::npos);
  shop.await_serving();
  shop.check_refused(lost);
  shop.place(60);
  // The new log has come further than the old one.
  shop.check_refused(lost);
  shop.check_all_can_be_read();
  eventually([&] { return shop.count_of("cluster.log_replaced") > 0; });
  CHECK_EQ(shop.count_of("cluster.log_replaced"), 1u);
  for (const std::string name : {"a", "b"})
    CHECK(shop.nodes.at(name).log().find("the event log was replaced") != std::string::npos);
  CHECK(get(shop.url("a"), "/readyz?verbose")->body.find("\"generation\":0") == std::string::npos);
  shop.stop();
}

SCENARIO("G11: PostgreSQL lost its last commits while all nodes were down: a subscriber with their position is told") {
  two_nodes shop;
  shop.place(10);
  shop.server.save_backup();
  shop.place(20);
  const auto lost = shop.end();
  for (auto& [name, node] : shop.nodes)
    node.kill();
  shop.nodes.clear();
  shop.server.restore_backup();
  shop.server.start();
  shop.start();
  shop.check_refused(lost);
  shop.place(40);
  shop.check_refused(lost);
  shop.check_all_can_be_read();
  shop.stop();
}
