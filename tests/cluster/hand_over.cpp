#include "tests/support/eventually.hpp"
#include "tests/support/node_group.hpp"
#include "tests/support/steady_load.hpp"

#include <csignal>

#define CAF_SUITE cluster.hand_over
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::test;

namespace {

constexpr const char* all_but_gateway = "order,payment,inventory,delivery,notification";

/// More than any machine does while a test lasts.
constexpr std::size_t plenty = 20'000;
/// Enough to be in the middle of many sagas.
constexpr std::size_t some = 40;

/// A gateway and two nodes that share all other roles.
struct shop : node_group {
  shop() {
    launch("back-1", all_but_gateway);
    launch("back-2", all_but_gateway);
    launch("gateway-1", "gateway");
    for (const auto* name : {"back-1", "back-2", "gateway-1"})
      await_up(name);
    wishes = mixed_wishes(plenty, stock_products(url()));
  }

  std::string url() { return node("gateway-1").url(); }

  void drain(const std::string& name) {
    node(name).process().signal(SIGTERM);
    CAF_CHECK_EQUAL(node(name).process().wait(std::chrono::seconds{60}), std::optional<int>{0});
  }

  /// Every accepted order comes to its end by itself, and nothing is lost or done twice.
  void check_all() {
    CAF_CHECK_EQUAL(lines_of(await_rest_untouched(url())), "");
    CAF_CHECK_EQUAL(lines_of(await_final(url(), wishes)), "");
    for (const auto& [name, code] : stop())
      CAF_CHECK_EQUAL(code, std::optional<int>{0});
    const auto report = check();
    CAF_CHECK_EQUAL(report.text(), "");
    CAF_CHECK_EQUAL(report.orders.size(), count_accepted(wishes));
  }

  std::vector<wish> wishes;
};

} // namespace

SCENARIO("G1, G3, G7: nodes of every role leave and join under load without one failed request") {
  shop all;
  {
    steady_load load{all.url(), all.wishes};
    CAF_REQUIRE(load.await(some));
    for (const std::string name : {"back-2", "back-1"}) {
      all.drain(name);
      CAF_REQUIRE(load.await(some));
      all.start(name, all_but_gateway);
      CAF_REQUIRE(load.await(some));
    }
    all.start("back-3", all_but_gateway);
    CAF_REQUIRE(load.await(some));
    load.stop();
    CAF_MESSAGE(load.accepted() << " orders");
    CAF_CHECK_EQUAL(lines_of(load.failures()), "");
  }
  all.check_all();
  for (const auto* name : {"back-1", "back-2"}) {
    CAF_CHECK_EQUAL(all.events_of("cluster.node_joined", name), 2u);
    CAF_CHECK_EQUAL(all.events_of("cluster.node_left", name), 2u);
    CAF_CHECK_EQUAL(all.events_of("cluster.node_fenced", name), 0u);
  }
}

SCENARIO("G1, G3, G7: when a node of every role is killed, the others continue its orders, and no request fails") {
  shop all;
  {
    steady_load load{all.url(), all.wishes};
    CAF_REQUIRE(load.await(some));
    all.node("back-2").kill();
    CAF_REQUIRE(load.await(some));
    load.stop();
    CAF_CHECK_EQUAL(lines_of(load.failures()), "");
  }
  CAF_CHECK(eventually([&] { return all.events_of("cluster.node_left", "back-2") == 1; }));
  all.forget("back-2");
  all.check_all();
  CAF_CHECK_EQUAL(all.events_of("cluster.node_left", "back-2"), 1u);
}

SCENARIO("G2, G3, G7: a node that hangs for longer than its lease is fenced and joins again") {
  shop all;
  {
    steady_load load{all.url(), all.wishes};
    CAF_REQUIRE(load.await(some));
    all.node("back-2").process().signal(SIGSTOP);
    CAF_REQUIRE(eventually([&] { return all.events_of("cluster.node_left", "back-2") == 1; }));
    CAF_REQUIRE(load.await(some));
    all.node("back-2").process().signal(SIGCONT);
    CAF_REQUIRE(eventually([&] { return all.events_of("cluster.node_joined", "back-2") == 2; }));
    CAF_REQUIRE(load.await(some));
    load.stop();
    CAF_CHECK_EQUAL(lines_of(load.failures()), "");
  }
  const auto log = all.node("back-2").log();
  CAF_CHECK(log.find("node back-2 is fenced, it drops all that it holds") != std::string::npos);
  CAF_CHECK(log.find("node back-2 joins again as incarnation") != std::string::npos);
  CAF_CHECK(all.node("back-2").process().is_running());
  all.check_all();
  CAF_CHECK_EQUAL(all.events_of("cluster.node_fenced", "back-2"), 1u);
}

SCENARIO("a second node with the same name or the same address is refused and says why") {
  node_group all;
  const auto& first = all.start("one", "order", {"--cluster-lease=30s"});
  // These give up soon.
  const std::vector<std::string> hasty{"--cluster-lease=1s", "--cluster-renewal=300ms"};
  auto words = hasty;
  words.push_back("--advertise=" + first.listen_address());
  auto& same_address = all.launch("two", "payment", words);
  CAF_CHECK_EQUAL(same_address.process().wait(std::chrono::seconds{60}), std::optional<int>{1});
  CAF_CHECK(same_address.log().find("node one has the address") != std::string::npos);
  const temp_folder elsewhere;
  words = hasty;
  words.push_back("--role=payment");
  words.push_back("--store=" + all.database());
  node_process same_name{elsewhere.path().string(), "one", words};
  CAF_CHECK_EQUAL(same_name.process().wait(std::chrono::seconds{60}), std::optional<int>{1});
  CAF_CHECK(same_name.log().find("another process is node one and its lease holds") != std::string::npos);
  CAF_CHECK(all.node("one").process().is_running());
  CAF_CHECK_EQUAL(all.events_of("cluster.node_joined", "one"), 1u);
}
