#include "tests/support/eventually.hpp"
#include "tests/support/role_cluster.hpp"

#define CAF_SUITE cluster.shell_drain
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::test;

namespace {

command_result shell(node_process& node, const std::string& command, const std::string& format = "table") {
  return run_waybill({"shell", "--connect=" + node.listen_address(), "-c", command, "-o", format});
}

} // namespace

SCENARIO("an operator drains a node through another one, but not the last node of a role") {
  role_cluster shop;
  const auto products = stock_products(shop.url());
  const auto last = shell(shop.node("gateway"), "drain order-1");
  CHECK_EQ(last.code, std::optional<int>{1});
  CHECK(last.err.find("node order-1 is the only one that serves as order") != std::string::npos);
  CHECK(last.err.find("--force") != std::string::npos);
  CHECK_EQ(shell(shop.node("gateway"), "drain nobody").code, std::optional<int>{3});
  CHECK_EQ(shell(shop.node("gateway"), "drain").code, std::optional<int>{2});
  auto& second = shop.add("order-2", "order");
  // The node to be drained has to know that there is another one.
  CHECK(eventually([&] {
    return shell(shop.node("order"), "nodes", "json").out.find("\"state\":\"joining\"") == std::string::npos
           && shell(shop.node("order"), "nodes", "json").out.find("order-2") != std::string::npos;
  }));
  auto wishes = mixed_wishes(60, products);
  {
    rush orders{shop.url(), wishes, std::chrono::seconds{60}};
    REQUIRE(eventually([&] { return orders.accepted() >= 20; }));
    const auto drained = shell(shop.node("gateway"), "drain order-1", "json");
    CHECK_EQ(drained.code, std::optional<int>{0});
    CHECK_EQ(drained.out, "{\"node\":\"order-1\",\"drained\":true}\n");
    orders.wait();
  }
  CHECK_EQ(shop.node("order").process().wait(std::chrono::seconds{60}), std::optional<int>{0});
  shop.nodes().erase("order");
  const auto left = get(shop.url(), "/v1/events?type=cluster.node_left&after=earliest");
  REQUIRE(left);
  CHECK_EQ(text_at(left->body, "/items/0/data/reason"), "it was drained by the shell");
  CHECK_EQ(count_accepted(wishes), wishes.size());
  CHECK_EQ(lines_of(await_final(shop.url(), wishes)), "");
  // The last node of the role drains when it is asked itself, by force.
  const auto forced = shell(second, "drain order-2 --force");
  CHECK_EQ(forced.code, std::optional<int>{0});
  CHECK_EQ(forced.out, "node order-2 has handed over and left\n");
  CHECK_EQ(second.process().wait(std::chrono::seconds{60}), std::optional<int>{0});
  shop.nodes().erase("order-2");
  for (const auto& [name, code] : shop.stop())
    CHECK_EQ(code, std::optional<int>{0});
  CHECK_EQ(shop.check().text(), "");
}
