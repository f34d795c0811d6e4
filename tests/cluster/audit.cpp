#include "persistence/database/connection.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/role_cluster.hpp"

#include <algorithm>

#define CAF_SUITE cluster.audit
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::test;

namespace {

/// All tables are looked at all the time.
std::vector<std::string> watchful_settings() {
  auto words = quick_settings();
  words.push_back("--audit-walk-interval=500ms");
  words.push_back("--audit-recheck-interval=500ms");
  words.push_back("--audit-rows-per-second=100000");
  return words;
}

command_result audit(node_process& node, const std::string& command = "audit") {
  return run_waybill({"shell", "--connect=" + node.listen_address(), "-c", command, "-o", "json"});
}

/// Every event there is was checked.
bool is_up_to_date(node_process& node) {
  return eventually([&] { return audit(node).out.find("\"behind_ms\":0,") != std::string::npos; });
}

void run_sql(const store_config& store, const std::string& sql) {
  waybill::connection database{store, access::write};
  database.session() << sql;
}

/// Changes one row by hand and puts it right again: the auditor tells of both.
void check_damage_is_seen(const store_config& store, const std::string& url, node_process& asked,
                          const std::string& order) {
  run_sql(store, "update orders set status = 'placed' where id = '" + order + "'");
  command_result result;
  CAF_REQUIRE(eventually([&] { return (result = audit(asked)).code == 1; }));
  CAF_CHECK_EQUAL(text_at(result.out, "/violations/0/invariant"), "I5");
  CAF_CHECK_EQUAL(text_at(result.out, "/violations/0/subject"), order);
  const auto everything = audit(asked, "audit --all");
  CAF_CHECK_EQUAL(everything.code, std::optional<int>{1});
  CAF_CHECK_EQUAL(text_at(everything.out, "/violations/0/subject"), order);
  const auto events = get(url, "/v1/events?stream=audit");
  CAF_CHECK(events->body.find("audit.violation_found") != std::string::npos);
  run_sql(store, "update orders set status = 'completed' where id = '" + order + "'");
  CAF_CHECK(eventually([&] { return audit(asked).code == 0; }));
  CAF_CHECK_EQUAL(audit(asked, "audit --all").code, std::optional<int>{0});
  CAF_CHECK(get(url, "/v1/events?stream=audit")->body.find("audit.violation_cleared") != std::string::npos);
}

/// An order that was completed.
std::string completed_among(const std::string& url) {
  const auto page = get(url, "/v1/orders?status=completed&limit=1");
  return text_at(page->body, "/items/0/id");
}

} // namespace

SCENARIO("I1-I7: a busy shop on one node has no violation; damage to its data is reported, and so is its repair") {
  const temp_folder folder;
  const store_config store{"sqlite:" + (folder / "shop.db")};
  auto words = watchful_settings();
  words.push_back("--store=" + store.url);
  node_process node{folder.path().string(), "embedded", words};
  node.await_ready();
  auto wishes = mixed_wishes(150, stock_products(node.url()));
  rush orders{node.url(), wishes, std::chrono::seconds{60}};
  while (orders.accepted() < wishes.size() / 2)
    CHECK_EQ(audit(node).code, std::optional<int>{0});
  CHECK_EQ(audit(node, "audit --all").code, std::optional<int>{0});
  orders.wait();
  CHECK_EQ(lines_of(await_final(node.url(), wishes, std::chrono::seconds{60})), "");
  CHECK(is_up_to_date(node));
  CHECK_EQ(audit(node).code, std::optional<int>{0});
  const auto metrics = get(node.url(), "/metrics");
  CHECK(metrics->body.find("waybill_audit_violations_total{invariant=\"I7\"} 0") != std::string::npos);
  CHECK(metrics->body.find("waybill_audit_lag_seconds") != std::string::npos);
  check_damage_is_seen(store, node.url(), node, completed_among(node.url()));
  CHECK(get(node.url(), "/metrics")->body.find("waybill_audit_violations_total{invariant=\"I5\"} 1")
        != std::string::npos);
  CHECK_EQ(node.stop(), std::optional<int>{0});
}

SCENARIO("I1-I7: a busy cluster has no violation; damage is reported, and every node shows the report") {
  role_cluster shop{watchful_settings()};
  auto wishes = mixed_wishes(150, stock_products(shop.url()));
  rush orders{shop.url(), wishes, std::chrono::seconds{60}};
  while (orders.accepted() < wishes.size() / 2)
    CHECK_EQ(audit(shop.node("order")).code, std::optional<int>{0});
  CHECK_EQ(audit(shop.node("payment"), "audit --all").code, std::optional<int>{0});
  orders.wait();
  CHECK_EQ(lines_of(await_final(shop.url(), wishes, std::chrono::seconds{60})), "");
  for (auto& [role, node] : shop.nodes()) {
    CAF_MESSAGE("asking the node of the role " << role);
    CHECK(is_up_to_date(node));
    CHECK_EQ(audit(node).code, std::optional<int>{0});
  }
  check_damage_is_seen(shop.store(), shop.url(), shop.node("gateway"), completed_among(shop.url()));
  for (const auto& [role, code] : shop.stop())
    CHECK_EQ(code, std::optional<int>{0});
  CHECK_EQ(shop.check().text(), "");
}

SCENARIO("a new auditor continues where a killed one stopped") {
  role_cluster shop{watchful_settings()};
  auto wishes = mixed_wishes(30, stock_products(shop.url()));
  rush{shop.url(), wishes, std::chrono::seconds{60}}.wait();
  CHECK_EQ(lines_of(await_final(shop.url(), wishes, std::chrono::seconds{60})), "");
  CHECK(is_up_to_date(shop.node("order")));
  shop.node("notification").kill();
  auto more = mixed_wishes(10, stock_products(shop.url()));
  rush{shop.url(), more, std::chrono::seconds{60}}.wait();
  CHECK(audit(shop.node("order")).out.find("\"behind_ms\":0,") == std::string::npos);
  shop.restart("notification");
  CHECK(is_up_to_date(shop.node("order")));
  CHECK_EQ(audit(shop.node("order")).code, std::optional<int>{0});
  for (const auto& [role, code] : shop.stop())
    CHECK_EQ(code, std::optional<int>{0});
}
