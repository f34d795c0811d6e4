#include "messages/actors.hpp"
#include "tests/support/node_group.hpp"
#include "transport/transport.hpp"

#include <caf/actor_system.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

#include <algorithm>
#include <set>
#include <string>

#define CAF_SUITE cluster.dead_actor
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::test;

namespace {

/// A peer of the cluster: a trusted peer can end an actor from outside.
struct peer {
  transport_config config;
  caf::actor_system sys{config};
  transport link{sys, {}};

  node_actor reach(const node_process& node) {
    const auto address = node.listen_address();
    const auto colon = address.rfind(':');
    const auto port = static_cast<std::uint16_t>(std::stoi(address.substr(colon + 1)));
    node_actor reached;
    caf::scoped_actor self{sys};
    self->request(link.connector(), std::chrono::seconds{20}, caf::connect_atom_v, address.substr(0, colon), port)
      .receive([&](const caf::node_id&, const caf::strong_actor_ptr& published,
                   const std::set<std::string>&) { reached = caf::actor_cast<node_actor>(published); },
               [](const caf::error& reason) { CAF_FAIL(to_string(reason)); });
    CAF_REQUIRE(static_cast<bool>(reached));
    return reached;
  }

  std::vector<role_region> regions_of(const node_actor& node) {
    std::vector<role_region> regions;
    caf::scoped_actor self{sys};
    self->request(node, std::chrono::seconds{20}, node_hello{{}, protocol_version})
      .receive([&](node_welcome& welcome) { regions = std::move(welcome.regions); },
               [](const caf::error& reason) { CAF_FAIL(to_string(reason)); });
    return regions;
  }
};

void check_ended(node_process& node, const std::string& actor) {
  CAF_CHECK_EQUAL(node.process().wait(std::chrono::seconds{60}), std::optional<int>{1});
  CAF_CHECK(node.log().find("its actor " + actor + " is dead: it was killed") != std::string::npos);
  CAF_CHECK(node.log().find("has ended") != std::string::npos);
}

} // namespace

SCENARIO("a node whose actor dies ends in order with exit code 1 and a line that names the actor; others take over") {
  node_group group;
  peer outside;
  group.launch("gateway", "gateway,payment,inventory,delivery,notification,account");
  auto& first = group.start("order-1", "order");
  auto& second = group.start("order-2", "order");
  group.await_up("gateway");
  const auto regions = outside.regions_of(outside.reach(first));
  const auto orders = std::find_if(regions.begin(), regions.end(),
                                   [](const role_region& offered) { return offered.part == role_part::main; });
  CAF_REQUIRE(orders != regions.end());
  caf::anon_send_exit(caf::actor_cast<caf::actor>(orders->region), caf::exit_reason::kill);
  check_ended(first, "waybill.order_region");
  group.await_up("order-2");
  group.await_up("gateway");
  caf::anon_send_exit(outside.reach(second), caf::exit_reason::kill);
  check_ended(second, "waybill.node");
  group.forget("order-1");
  group.forget("order-2");
  // And all is well again once whatever supervises the process has started it.
  group.start("order-1", "order");
  group.await_up("gateway");
}
