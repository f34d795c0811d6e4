#include "nodes/cluster/cluster_view.hpp"

#include <caf/actor_cast.hpp>
#include <caf/actor_system.hpp>
#include <caf/event_based_actor.hpp>

#include <algorithm>

#define CAF_SUITE nodes.cluster_view
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;

namespace {

node_entry entry(const std::string& name, node_state state = node_state::up, std::vector<std::string> suspects = {},
                 std::vector<role> roles = {role::order}) {
  return {.node = name,
          .incarnation = 1,
          .address = "127.0.0.1:4100",
          .http = {},
          .roles = std::move(roles),
          .lease_until = {},
          .reachable = false,
          .state = state,
          .suspects = std::move(suspects)};
}

struct fixture : test_coordinator_fixture<> {
  fixture()
    : region(caf::actor_cast<caf::strong_actor_ptr>(
      sys.spawn([](caf::event_based_actor*) -> caf::behavior { return {[](caf::tick_atom) {}}; }))) {}

  ~fixture() {
    anon_send_exit(caf::actor_cast<caf::actor>(region), caf::exit_reason::user_shutdown);
    consume_messages();
  }

  /// The view of node `me`, which reaches the nodes in `reachable`.
  cluster_view view_of(const std::string& me, std::vector<node_entry> nodes,
                       const std::vector<std::string>& reachable) {
    cluster_view view{me};
    const auto regions_of = [&](const std::string& name) {
      const auto found = std::ranges::find(nodes, name, &node_entry::node);
      const bool has_orders = found != nodes.end() && found->roles.front() == role::order;
      return has_orders ? std::vector<role_region>{{role::order, region}} : std::vector<role_region>{};
    };
    view.set_reachable({me, 1, regions_of(me)}, nullptr);
    for (const auto& name : reachable)
      view.set_reachable({name, 1, regions_of(name)}, region);
    view.set_nodes(std::move(nodes));
    return view;
  }

  /// The owners' names, unreachable ones in parentheses; after a bar the leaving nodes.
  static std::string text_of(const placement& where) {
    std::string text;
    for (const auto& peer : where.peers)
      text += peer.region ? peer.node : "(" + peer.node + ")";
    if (!where.leaving.empty())
      text += "|";
    for (const auto& peer : where.leaving)
      text += peer.node;
    return text;
  }

  caf::strong_actor_ptr region;
};

} // namespace

BEGIN_FIXTURE_SCOPE(fixture)

SCENARIO("only nodes that are up own entities; one that leaves still answers") {
  const auto view = view_of(
    "a", {entry("a"), entry("b", node_state::joining), entry("c", node_state::leaving), entry("d", node_state::dead)},
    {"b", "c", "d"});
  CHECK_EQ(text_of(view.place(role::order)), "a|bc");
}

SCENARIO("a node that only this node cannot reach keeps its shards, so that all agree on the owners") {
  const auto view = view_of("a", {entry("a"), entry("b"), entry("c")}, {"c"});
  CHECK_EQ(text_of(view.place(role::order)), "a(b)c");
  CHECK_EQ(view.unreachable().size(), 1u);
}

SCENARIO("a node that others report as unreachable loses its shards, in the view of every node") {
  const std::vector nodes{entry("a", node_state::up, {"b"}), entry("b"), entry("c"),
                          entry("g", node_state::up, {}, {role::gateway})};
  CHECK_EQ(text_of(view_of("a", nodes, {"c", "g"}).place(role::order)), "ac");
  CHECK_EQ(text_of(view_of("b", nodes, {"c", "g"}).place(role::order)), "(a)c|b");
  CHECK_EQ(text_of(view_of("g", nodes, {"a", "b", "c"}).place(role::order)), "ac|b");
}

SCENARIO("when one node is cut off, the others stay owners") {
  const std::vector nodes{entry("a", node_state::up, {"b", "c"}), entry("b", node_state::up, {"a"}),
                          entry("c", node_state::up, {"a"})};
  CHECK_EQ(text_of(view_of("b", nodes, {"c"}).place(role::order)), "bc");
  CHECK_EQ(text_of(view_of("a", nodes, {}).place(role::order)), "(b)(c)|a");
}

SCENARIO("of two nodes that cannot reach each other the first one stays an owner") {
  const std::vector nodes{entry("a", node_state::up, {"b"}), entry("b", node_state::up, {"a"})};
  CHECK_EQ(text_of(view_of("a", nodes, {}).place(role::order)), "a");
  CHECK_EQ(text_of(view_of("b", nodes, {}).place(role::order)), "(a)|b");
}

SCENARIO("the only node with a role keeps it, even when others cannot reach it") {
  const auto view = view_of("g", {entry("b"), entry("g", node_state::up, {"b"}, {role::gateway})}, {});
  CHECK_EQ(text_of(view.place(role::order)), "(b)");
}

SCENARIO("reports by dead and joining nodes do not count") {
  const auto view = view_of(
    "a", {entry("a"), entry("b"), entry("c", node_state::dead, {"b"}), entry("d", node_state::joining, {"b"})}, {"b"});
  CHECK_EQ(text_of(view.place(role::order)), "ab");
}

SCENARIO("a node acts in the state that it holds, whatever the table says") {
  auto view = view_of("a", {entry("a"), entry("b")}, {"b"});
  view.hold_state(node_state::leaving);
  CHECK_EQ(text_of(view.place(role::order)), "b|a");
  CHECK(view.own_state() == node_state::leaving);
  view.hold_state(std::nullopt);
  CHECK_EQ(text_of(view.place(role::order)), "ab");
}

SCENARIO("a node that is dead or of another incarnation in the table owns nothing") {
  CHECK_EQ(text_of(view_of("a", {entry("a", node_state::dead), entry("b")}, {"b"}).place(role::order)), "");
  auto view = view_of("a", {entry("b")}, {"b"});
  CHECK_EQ(text_of(view.place(role::order)), "");
  auto newer = entry("a");
  newer.incarnation = 2;
  view.set_nodes({newer, entry("b")});
  CHECK(view.own_state() == node_state::dead);
}

SCENARIO("a node holds a role alone while no other reachable node that is up has it") {
  const auto alone = [&](std::vector<node_entry> others, const std::vector<std::string>& reachable) {
    others.push_back(entry("a", node_state::up, {}, {role::order, role::payment}));
    return view_of("a", std::move(others), reachable).roles_held_alone();
  };
  const std::vector<role> both{role::order, role::payment};
  CHECK_EQ(alone({}, {}), both);
  CHECK_EQ(alone({entry("b")}, {"b"}), std::vector<role>{role::payment});
  CHECK_EQ(alone({entry("b")}, {}), both);
  CHECK_EQ(alone({entry("b", node_state::leaving)}, {"b"}), both);
  CHECK_EQ(alone({entry("b", node_state::joining)}, {"b"}), both);
  CHECK_EQ(alone({entry("b"), entry("c", node_state::up, {}, {role::payment})}, {"b", "c"}), std::vector<role>{});
}

END_FIXTURE_SCOPE()
