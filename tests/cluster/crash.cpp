#include "tests/support/eventually.hpp"
#include "tests/support/http_shop.hpp"
#include "tests/support/invariant_check.hpp"
#include "tests/support/node_process.hpp"
#include "tests/support/stored_contents.hpp"
#include "tests/support/temp_folder.hpp"

#include <algorithm>
#include <map>
#include <set>

#define CAF_SUITE cluster.crash
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::test;

namespace {

constexpr std::size_t many = 200;

store_config sqlite_at(const std::string& path) {
  store_config store;
  store.url = "sqlite:" + path;
  return store;
}

struct embedded_node {
  temp_folder folder;
  store_config store = sqlite_at(folder / "shop.db");
  std::optional<node_process> node;

  node_process& start(std::vector<std::string> words = {}) {
    start_only(std::move(words));
    node->await_ready();
    return *node;
  }

  void start_only(std::vector<std::string> words = {}) {
    auto all = quick_settings();
    all.push_back("--store=" + store.url);
    std::ranges::move(words, std::back_inserter(all));
    node.reset();
    node.emplace(folder.path().string(), "embedded", all);
  }

  invariant_report check() const { return check_invariants(store, sqlite_at(folder / "shop.db.provider")); }
};

/// Sends 200 wishes and kills the node as soon as `moment` of them are accepted.
std::vector<wish> kill_in_the_middle(embedded_node& shop, std::size_t moment) {
  auto wishes = mixed_wishes(many, stock_products(shop.node->url()));
  rush orders{shop.node->url(), wishes};
  CAF_CHECK(eventually([&] { return orders.accepted() >= moment; }));
  shop.node->kill();
  orders.wait();
  CAF_MESSAGE(count_accepted(wishes) << " orders were accepted before the kill");
  return wishes;
}

/// Every accepted order exists and ends; requests without an answer are sent again; all invariants hold.
void check_recovery(embedded_node& shop, std::vector<wish>& wishes) {
  const auto url = shop.node->url();
  CAF_CHECK_EQUAL(lines_of(await_rest_untouched(url)), "");
  CAF_CHECK_EQUAL(lines_of(find_wrong_replays(url, wishes)), "");
  rush{url, wishes, std::chrono::seconds{60}}.wait();
  CAF_CHECK_EQUAL(count_accepted(wishes), wishes.size());
  CAF_CHECK_EQUAL(lines_of(await_final(url, wishes)), "");
  CAF_CHECK_EQUAL(lines_of(find_wrong_replays(url, wishes)), "");
  CAF_CHECK_EQUAL(shop.node->stop(), 0);
  const auto report = shop.check();
  CAF_CHECK_EQUAL(report.text(), "");
  CAF_CHECK_EQUAL(report.orders.size(), wishes.size());
  CAF_CHECK(report.events > 5 * wishes.size());
  CAF_CHECK(report.ledger_entries > wishes.size() / 2);
}

void crash_at(std::size_t moment) {
  embedded_node shop;
  shop.start();
  auto wishes = kill_in_the_middle(shop, moment);
  CAF_REQUIRE(count_accepted(wishes) >= moment);
  shop.start();
  check_recovery(shop, wishes);
}

/// `seen` holds every event once, and each stream from its beginning without a gap. The notifier works on after all
/// orders are final: only its last events may be missing.
void check_followed(const stored_contents& contents, const std::vector<std::string>& seen) {
  std::set<std::string> known;
  std::map<std::string, std::uint64_t> last;
  for (const auto& id : seen) {
    CAF_CHECK(known.insert(id).second);
    const auto dot = id.rfind('.');
    const auto version = std::stoull(id.substr(dot + 1));
    auto& before = last[id.substr(0, dot)];
    CAF_CHECK_EQUAL(version, before + 1);
    before = version;
  }
  std::vector<std::string> missed;
  for (const auto& event : contents.events)
    if (contents.entities.at(event.stream).kind != entity_kind::notifier && !known.contains(event_id(event)))
      missed.push_back(event_id(event));
  CAF_CHECK_EQUAL(lines_of(missed), "");
}

} // namespace

SCENARIO("G1, G3, G7: an order answered 201 exists once after SIGKILL early in a burst, and ends") {
  crash_at(10);
}

SCENARIO("G1, G3, G7: an order answered 201 exists once after SIGKILL in the middle of a burst, and ends") {
  crash_at(100);
}

SCENARIO("G1, G3, G7: an order answered 201 exists once after SIGKILL at the end of a burst, and ends") {
  crash_at(195);
}

SCENARIO("G1, G3, G7: an order answered 201 exists when the restart is killed, too") {
  embedded_node shop;
  shop.start();
  auto wishes = kill_in_the_middle(shop, 150);
  shop.start_only();
  CAF_REQUIRE(eventually([&] { return shop.node->log().find("entities continue") != std::string::npos; }));
  shop.node->kill();
  shop.start();
  check_recovery(shop, wishes);
}

SCENARIO("G5: a timer that was running at SIGKILL fires after the restart, not before its time") {
  embedded_node shop;
  const std::vector<std::string> slow{"--delivery-finish-within=1h"};
  shop.start(slow);
  const auto url = shop.node->url();
  std::vector<wish> wishes{mixed_wishes(5, stock_products(url))[4]};
  REQUIRE(wishes[0].body.find("[couriers: hold, complete]") != std::string::npos);
  rush{url, wishes, std::chrono::seconds{60}}.wait();
  REQUIRE(wishes[0].order.has_value());
  const auto events = "/v1/events?type=delivery.offered&stream=dlv_" + wishes[0].order->substr(4);
  REQUIRE(eventually([&] { return !text_at(get(url, events)->body, "/items/0/id").empty(); }));
  shop.node->kill();
  shop.start(slow);
  CHECK_EQ(lines_of(await_rest_untouched(shop.node->url())), "");
  const auto offers = get(shop.node->url(), events)->body;
  const auto due = text_at(offers, "/items/0/data/step_by");
  const auto fired = text_at(offers, "/items/1/occurred_at");
  CHECK(!due.empty());
  CHECK(fired >= due);
  CHECK_EQ(shop.node->stop(), 0);
  CHECK_EQ(shop.check().text(), "");
}

SCENARIO("G6: a subscriber with a cursor sees every event once, and each stream in order, across SIGKILL") {
  embedded_node shop;
  shop.start();
  std::string cursor;
  std::vector<std::string> seen;
  auto wishes = mixed_wishes(many, stock_products(shop.node->url()));
  {
    rush orders{shop.node->url(), wishes};
    while (orders.accepted() < many / 2)
      follow_log(shop.node->url(), cursor, seen);
    shop.node->kill();
  }
  CHECK(!seen.empty());
  shop.start();
  rush orders{shop.node->url(), wishes, std::chrono::seconds{60}};
  while (orders.accepted() < many / 4)
    follow_log(shop.node->url(), cursor, seen);
  orders.wait();
  CHECK_EQ(lines_of(await_final(shop.node->url(), wishes)), "");
  follow_log(shop.node->url(), cursor, seen);
  CHECK_EQ(shop.node->stop(), 0);
  check_followed(read_contents(shop.store), seen);
}
