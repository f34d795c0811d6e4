#include "tests/support/eventually.hpp"
#include "tests/support/role_cluster.hpp"

#define CAF_SUITE cluster.roles
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::test;

namespace {

command_result shell(node_process& node, const std::string& command, const std::string& format = "json") {
  return run_waybill({"shell", "--connect=" + node.listen_address(), "-c", command, "-o", format});
}

void check_all_ended(role_cluster& shop) {
  for (const auto& [role, code] : shop.stop()) {
    CAF_MESSAGE("the node of the role " << role);
    CAF_CHECK_EQUAL(code, std::optional<int>{0});
  }
}

} // namespace

SCENARIO("six processes, one for each role but `account`, play all scenarios, and each ends by SIGTERM with code 0") {
  role_cluster shop{{}};
  const auto played = run_waybill({"scenario", "run", "all", "--url=" + shop.url()});
  CHECK_EQ(played.code, std::optional<int>{0});
  CHECK(played.out.find("9 of 9 scenarios passed, 3 were skipped") != std::string::npos);
  if (played.code != 0)
    CAF_MESSAGE(played.out << played.err);
  outbound::api_request visit;
  visit.target = "/scenario/1";
  visit.timeout = std::chrono::seconds{60};
  const auto report = call(shop.url(), visit);
  REQUIRE(report.has_value());
  CHECK_EQ(report->status, 200u);
  CHECK_EQ(text_at(report->body, "/verdict"), "pass");
  check_all_ended(shop);
  CHECK_EQ(shop.check().text(), "");
}

SCENARIO("the shell shows the whole cluster from any of its nodes") {
  role_cluster shop;
  std::vector<wish> wishes{mixed_wishes(1, stock_products(shop.url()))};
  rush{shop.url(), wishes, std::chrono::seconds{60}}.wait();
  REQUIRE(wishes[0].order.has_value());
  REQUIRE(await_final(shop.url(), wishes).empty());
  const auto order = *wishes[0].order;
  for (auto& [role, node] : shop.nodes()) {
    CAF_MESSAGE("asking the node of the role " << role);
    const auto nodes = shell(node, "nodes");
    CHECK_EQ(nodes.code, std::optional<int>{0});
    for (int i = 0; i < 6; ++i)
      CHECK(!text_at(nodes.out, "/nodes/" + std::to_string(i) + "/node").empty());
    CHECK_EQ(nodes.out.find("\"reachable\":false"), std::string::npos);
    const auto actors = shell(node, "actors");
    CHECK_EQ(actors.code, std::optional<int>{0});
    const auto shown = shell(node, "order " + order);
    CHECK_EQ(shown.code, std::optional<int>{0});
    CHECK(shown.out.find("order.placed") != std::string::npos);
    CHECK(shown.out.find("order-1") != std::string::npos);
    CHECK_EQ(shown.out.find("tok_"), std::string::npos);
    const auto state = shell(node, "inspect order/" + order);
    CHECK_EQ(state.code, std::optional<int>{0});
    CHECK(state.out.find(order) != std::string::npos);
    CHECK_EQ(state.out.find("tok_"), std::string::npos);
    const auto paid = shell(node, "inspect payment/pay_" + order.substr(4));
    CHECK_EQ(paid.code, std::optional<int>{0});
    CHECK_EQ(paid.out.find("tok_"), std::string::npos);
    CHECK_EQ(shell(node, "order ord_00000000000000000000").code, std::optional<int>{3});
  }
  CHECK_EQ(shell(shop.node("order"), "no such command").code, std::optional<int>{2});
  const auto address = shop.node("order").listen_address();
  check_all_ended(shop);
  CHECK_EQ(run_waybill({"shell", "--connect=" + address, "-c", "nodes"}).code, std::optional<int>{8});
}

SCENARIO("operators see over HTTP the nodes and their actors") {
  role_cluster shop;
  std::vector<wish> wishes{mixed_wishes(1, stock_products(shop.url()))};
  rush{shop.url(), wishes, std::chrono::seconds{60}}.wait();
  REQUIRE(wishes[0].order.has_value());
  const auto order = *wishes[0].order;
  const auto nodes = get(shop.url(), "/v1/cluster");
  REQUIRE(nodes.has_value());
  CHECK_EQ(nodes->status, 200u);
  for (const auto* role : {"gateway", "order", "payment", "inventory", "delivery", "notification"})
    CHECK(nodes->body.find("\"roles\":[\"" + std::string{role} + "\"]") != std::string::npos);
  CHECK_EQ(nodes->body.find("\"reachable\":false"), std::string::npos);
  // The gateway's node has no orders of its own: they are told of by others.
  const auto shown = get(shop.url(), "/v1/actors/order/" + order);
  REQUIRE(shown.has_value());
  CHECK_EQ(shown->status, 200u);
  CHECK_EQ(text_at(shown->body, "/node"), "order-1");
  CHECK_EQ(text_at(shown->body, "/state/id"), order);
  CHECK_EQ(shown->body.find("tok_"), std::string::npos);
  const auto listed = [&](const std::string& query) { return get(shop.url(), "/v1/actors?" + query)->body; };
  CHECK(eventually([&] {
    return get(shop.url(), "/v1/actors/order/" + order)->status == 200
           && listed("type=order&sort=mailbox").find(order) != std::string::npos
           && listed("node=order-1").find(order) != std::string::npos;
  }));
  CHECK_EQ(listed("node=payment-1").find(order), std::string::npos);
  // A read loads the entity into memory for a moment.
  const auto payment = "pay_" + order.substr(4);
  CHECK(eventually([&] {
    return get(shop.url(), "/v1/actors/payment/" + payment)->status == 200
           && listed("node=payment-1").find(payment) != std::string::npos;
  }));
  CHECK(listed("limit=1").find("\"total\":1,") == std::string::npos);
  CHECK_EQ(get(shop.url(), "/v1/actors?node=nobody")->status, 404u);
  CHECK_EQ(get(shop.url(), "/v1/actors?sort=age")->status, 400u);
  CHECK_EQ(get(shop.url(), "/v1/actors/order/ord_00000000000000000000")->status, 404u);
  CHECK_EQ(get(shop.url(), "/v1/actors/thing/ord_00000000000000000000")->status, 404u);
  check_all_ended(shop);
}
