#include "tests/support/eventually.hpp"
#include "tests/support/role_cluster.hpp"

#include <csignal>

#define CAF_SUITE cluster.fault_injection
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::test;

namespace {

constexpr auto all_but_gateway = "order,payment,inventory,delivery,notification";

outbound::http_result visit(const std::string& url, int story) {
  outbound::api_request visit;
  visit.target = "/scenario/" + std::to_string(story);
  visit.timeout = std::chrono::seconds{60};
  return call(url, visit);
}

/// The report when the story did not pass, otherwise nothing.
std::string failure_of(const std::string& url, int story, std::string* report = nullptr) {
  const auto answer = visit(url, story);
  if (!answer)
    return answer.error().detail;
  if (report != nullptr)
    *report = answer->body;
  return text_at(answer->body, "/verdict") == "pass" ? std::string{} : answer->body;
}

/// One node on SQLite, at its defaults.
struct embedded_shop {
  explicit embedded_shop(const std::vector<std::string>& more = {}) {
    auto words = more;
    words.push_back("--store=" + store.url);
    node.emplace(folder.path().string(), "embedded", words);
    node->await_ready();
  }

  void end() {
    CAF_CHECK_EQUAL(node->stop(), std::optional<int>{0});
    CAF_CHECK_EQUAL(check_invariants(store, {"sqlite:" + (folder / "shop.db.provider")}).text(), "");
  }

  temp_folder folder;
  store_config store{"sqlite:" + (folder / "shop.db")};
  std::optional<node_process> node;
};

/// Each part of the work is on two nodes, so that one of them may go.
struct doubled_cluster : role_cluster {
  doubled_cluster() : role_cluster({"--chaos=on"}) { add("spare-1", all_but_gateway); }

  void end() {
    for (const auto& [name, code] : stop()) {
      CAF_MESSAGE("node " << name);
      CAF_CHECK_EQUAL(code, std::optional<int>{0});
    }
    CAF_CHECK_EQUAL(check().text(), "");
  }
};

} // namespace

SCENARIO("a node without --chaos=on injects no fault, and says how to allow it") {
  embedded_shop shop;
  const auto url = shop.node->url();
  for (const int story : {8, 11}) {
    const auto refused = visit(url, story);
    REQUIRE(refused.has_value());
    CHECK_EQ(refused->status, 409u);
    CHECK(text_at(refused->body, "/detail").find("--chaos=on") != std::string::npos);
  }
  const auto told = call(url, {"POST", "/v1/chaos", {}, R"({"fault":"database_away","lasts_ms":1000})"});
  CHECK_EQ(told->status, 404u);
  CHECK_EQ(get(url, "/readyz")->status, 200u);
  const auto list = get(url, "/v1/scenarios");
  CHECK(list->body.find("\"obstacle\":\"this story breaks things on purpose") != std::string::npos);
  const auto played = run_waybill({"scenario", "run", "8", "--url=" + url});
  CHECK_EQ(played.code, std::optional<int>{1});
  CHECK(played.err.find("--chaos=on") != std::string::npos);
  CHECK_EQ(shop.node->log().find("chaos=on:"), std::string::npos);
  shop.end();
}

SCENARIO("one process alone completes all orders while actors are killed, the file is away, appends are refused") {
  embedded_shop shop{{"--chaos=on"}};
  const auto url = shop.node->url();
  CHECK(shop.node->log().find("chaos=on: everybody who can reach this node may kill it") != std::string::npos);
  std::string report;
  CHECK_EQ(failure_of(url, 8, &report), "");
  CHECK(report.find("its process is spared") != std::string::npos);
  CHECK_EQ(failure_of(url, 11), "");
  const auto rolling = visit(url, 12);
  CHECK_EQ(rolling->status, 409u);
  CHECK(text_at(rolling->body, "/detail").find("needs a cluster") != std::string::npos);
  const auto refusing = call(url, {"POST", "/v1/chaos", {}, R"({"fault":"refuse_appends","lasts_ms":60000})"});
  CHECK_EQ(refusing->status, 202u);
  CHECK(refusing->body.find("node embedded: one of 7 appends that others build on is refused") != std::string::npos);
  CHECK_EQ(failure_of(url, 1), "");
  shop.end();
}

SCENARIO("a cluster whose database goes away, and whose owner of an order is killed, completes all orders") {
  doubled_cluster shop;
  CHECK_EQ(failure_of(shop.url(), 11), "");
  std::string report;
  CHECK_EQ(failure_of(shop.url(), 8, &report), "");
  const std::string victim = report.find("node spare-1 owns the order") != std::string::npos ? "spare-1" : "order";
  CHECK(report.find("its process is killed (SIGKILL)") != std::string::npos);
  CHECK_EQ(shop.node(victim).process().wait(std::chrono::seconds{60}), std::optional<int>{-SIGKILL});
  shop.nodes().erase(victim);
  CHECK_EQ(failure_of(shop.url(), 1), "");
  shop.end();
}

SCENARIO("a cluster whose nodes restart one after the other answers every request") {
  doubled_cluster shop;
  std::string report;
  CHECK_EQ(failure_of(shop.url(), 12, &report), "");
  CHECK(report.find("nodes were restarted") != std::string::npos);
  for (auto& [name, node] : shop.nodes()) {
    CAF_MESSAGE("node " << name);
    CHECK(node.process().is_running());
  }
  // The first one; how many follow in that time depends on the machine.
  CHECK(shop.node("delivery").log().find("node delivery-1 starts again") != std::string::npos);
  CHECK_EQ(failure_of(shop.url(), 1), "");
  shop.end();
}
