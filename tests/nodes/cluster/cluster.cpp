#include "nodes/cluster/cluster.hpp"

#include "domain/base/errors.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <memory>

#define CAF_SUITE nodes.cluster
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace std::chrono_literals;

namespace {

using greeter_actor = caf::typed_actor<caf::result<node_welcome>(node_hello)>;
using placements = std::shared_ptr<std::vector<placement>>;

/// A node's cluster actor that can be told to greet another.
using fake_peer_actor =
  greeter_actor::extend<caf::result<void>(membership_changed)>::extend<caf::result<void>(caf::strong_actor_ptr)>;

/// The membership table, as a node's membership actor sees and writes it.
struct fake_table {
  std::vector<node_entry> nodes;
  std::vector<std::string> written;
  int looks = 0;
};

membership_actor::behavior_type fake_membership(membership_actor::pointer self, const std::string& name,
                                                const cluster_actor& cluster, std::shared_ptr<fake_table> table) {
  const auto tell = [=] {
    self->send(cluster, caf::update_atom_v, node_list{table->nodes}, std::uint64_t{1}, caf::timespan{});
  };
  return {
    [=](caf::tick_atom) { tell(); },
    [=](membership_changed) {
      ++table->looks;
      tell();
    },
    [=](caf::put_atom, node_state state) {
      for (auto& node : table->nodes)
        if (node.node == name)
          node.state = state;
      table->written.push_back(state == node_state::up ? "up" : "leaving");
      tell();
    },
    [=](caf::put_atom, const std::set<std::string>& suspects) {
      std::string text = "suspects";
      for (const auto& one : suspects)
        text += " " + one;
      table->written.push_back(text);
    },
    [](caf::leave_atom) {},
  };
}

/// Another node: answers with one order region.
fake_peer_actor::behavior_type fake_peer(fake_peer_actor::pointer self, const std::string& name,
                                         std::uint64_t incarnation, const std::shared_ptr<bool>& told) {
  const auto region = caf::actor_cast<caf::strong_actor_ptr>(self);
  return {
    [=](const node_hello&) {
      return node_welcome{name, incarnation, {{role::order, region}}};
    },
    [=](membership_changed) { *told = true; },
    [=](const caf::strong_actor_ptr& other) {
      self->request(caf::actor_cast<greeter_actor>(other), caf::infinite, node_hello{name, protocol_version})
        .then([](const node_welcome&) {});
    },
  };
}

placement_sink::behavior_type fake_region(placement_sink::pointer, placements seen) {
  return {[seen](const placement& what) { seen->push_back(what); }};
}

/// Stands for CAF's middleman: whoever connects reaches `peer`, if there is one.
connector_actor::behavior_type fake_connector(connector_actor::pointer self, std::shared_ptr<int> asked,
                                              greeter_actor peer) {
  return {[=](caf::connect_atom, const std::string&,
              std::uint16_t) -> caf::result<caf::node_id, caf::strong_actor_ptr, std::set<std::string>> {
    ++*asked;
    if (!peer)
      return caf::make_error(caf::sec::cannot_connect_to_node);
    return {self->system().node(), caf::actor_cast<caf::strong_actor_ptr>(peer),
            self->system().message_types<node_actor>()};
  }};
}

node_entry entry(const std::string& name, std::uint64_t incarnation = 1) {
  return {.node = name,
          .incarnation = incarnation,
          .address = "127.0.0.1:4100",
          .http = {},
          .roles = {role::order},
          .lease_until = {},
          .reachable = false};
}

node_entry joining(const std::string& name) {
  auto one = entry(name);
  one.state = node_state::joining;
  return one;
}

struct fixture : test_coordinator_fixture<> {
  ~fixture() {
    for (auto& actor : started)
      anon_send_exit(actor, caf::exit_reason::user_shutdown);
    consume_messages();
  }

  fake_peer_actor peer(const std::string& name, std::uint64_t incarnation = 1) {
    auto actor = sys.spawn(fake_peer, name, incarnation, told);
    started.push_back(caf::actor_cast<caf::actor>(actor));
    consume_messages();
    return actor;
  }

  cluster_actor node(const std::string& name, const greeter_actor& reachable = {},
                     std::optional<caf::timespan> lease = std::nullopt) {
    const auto sink = sys.spawn(fake_region, seen);
    const auto connector = sys.spawn(fake_connector, asked, reachable);
    auto actor = spawn_cluster(sys,
                               {.node = name,
                                .incarnation = 1,
                                .own_regions = {{role::order, caf::actor_cast<caf::strong_actor_ptr>(sink)}},
                                .sinks = {{role::order, sink}},
                                .lease = lease,
                                .serving = serving},
                               connector);
    for (const auto& one : {caf::actor_cast<caf::actor>(sink), caf::actor_cast<caf::actor>(connector),
                            caf::actor_cast<caf::actor>(actor)})
      started.push_back(one);
    consume_messages();
    return actor;
  }

  void greet(const fake_peer_actor& from, const cluster_actor& to) {
    caf::anon_send(from, caf::actor_cast<caf::strong_actor_ptr>(to));
    consume_messages();
  }

  void update(const cluster_actor& cluster, std::vector<node_entry> live, caf::timespan age = {}) {
    caf::anon_send(cluster, caf::update_atom_v, node_list{std::move(live)}, std::uint64_t{1}, age);
    consume_messages();
  }

  /// Lets `cluster` work with a membership table that says `nodes`.
  void work_with_table(const std::string& name, const cluster_actor& cluster, std::vector<node_entry> nodes) {
    table->nodes = std::move(nodes);
    membership = sys.spawn(fake_membership, name, cluster, table);
    started.push_back(caf::actor_cast<caf::actor>(membership));
    look();
  }

  void look() {
    caf::anon_send(membership, caf::tick_atom_v);
    consume_messages();
  }

  /// The names in the last placement that the local region got; in parentheses those that cannot be reached.
  std::string last() const {
    std::string names;
    for (const auto& one : seen->back().peers)
      names += one.region ? one.node : "(" + one.node + ")";
    return names;
  }

  placements seen = std::make_shared<std::vector<placement>>();
  std::shared_ptr<int> asked = std::make_shared<int>(0);
  std::shared_ptr<bool> told = std::make_shared<bool>(false);
  std::shared_ptr<serving_lease> serving = std::make_shared<serving_lease>();
  std::shared_ptr<fake_table> table = std::make_shared<fake_table>();
  membership_actor membership;
  std::vector<caf::actor> started;
};

} // namespace

BEGIN_FIXTURE_SCOPE(fixture)

SCENARIO("a node that is alone places everything on itself") {
  const auto cluster = node("a");
  CHECK(seen->empty());
  update(cluster, {entry("a")});
  REQUIRE_EQ(seen->size(), 1u);
  CHECK_EQ(last(), "a");
  CHECK_EQ(seen->back().self, "a");
}

SCENARIO("of two nodes the one whose name sorts first connects") {
  const auto other = peer("b");
  const auto cluster = node("a", other);
  update(cluster, {entry("b"), entry("a")});
  CHECK_EQ(*asked, 1);
  CHECK_EQ(last(), "ab");
}

SCENARIO("the node whose name sorts later waits to be greeted and greets back") {
  const auto other = peer("a");
  const auto cluster = node("b", other);
  update(cluster, {entry("a"), entry("b")});
  CHECK_EQ(*asked, 0);
  CHECK_EQ(last(), "(a)b");
  greet(other, cluster);
  CHECK_EQ(last(), "ab");
}

SCENARIO("a node that greets before the table shows it gets its part as soon as it does") {
  const auto other = peer("a");
  const auto cluster = node("b", other);
  greet(other, cluster);
  update(cluster, {entry("b")});
  CHECK_EQ(last(), "b");
  update(cluster, {entry("a"), entry("b")});
  CHECK_EQ(last(), "ab");
}

SCENARIO("a placement goes out only when something has changed, with a higher epoch each time") {
  const auto other = peer("b");
  const auto cluster = node("a", other);
  update(cluster, {entry("a"), entry("b")});
  const auto count = seen->size();
  update(cluster, {entry("a"), entry("b")});
  CHECK_EQ(seen->size(), count);
  update(cluster, {entry("a")});
  REQUIRE_EQ(seen->size(), count + 1);
  CHECK_EQ(last(), "a");
  for (std::size_t i = 1; i < seen->size(); ++i)
    CHECK(seen->at(i).epoch > seen->at(i - 1).epoch);
}

SCENARIO("a node that cannot be reached keeps its part until the table says otherwise") {
  auto other = peer("b");
  const auto cluster = node("a", other);
  update(cluster, {entry("a"), entry("b")});
  CHECK_EQ(last(), "ab");
  anon_send_exit(other, caf::exit_reason::kill);
  consume_messages();
  CHECK_EQ(last(), "a(b)");
  const auto reborn = peer("b", 2);
  greet(reborn, cluster);
  // The table still shows the dead process.
  CHECK_EQ(last(), "a(b)");
  update(cluster, {entry("a"), entry("b", 2)});
  CHECK_EQ(last(), "ab");
}

SCENARIO("a node that cannot be reached is tried again with every look at the table") {
  const auto cluster = node("a");
  update(cluster, {entry("a"), entry("b")});
  update(cluster, {entry("a"), entry("b")});
  CHECK_EQ(*asked, 2);
  CHECK_EQ(last(), "a(b)");
}

SCENARIO("another node that answers under the address gets nothing") {
  const auto cluster = node("a", peer("c"));
  update(cluster, {entry("a"), entry("b")});
  CHECK_EQ(last(), "a(b)");
}

SCENARIO("a node of another protocol version is refused") {
  const auto cluster = node("a");
  auto answer = self->request(cluster, caf::infinite, node_hello{"b", protocol_version + 1});
  consume_messages();
  caf::error reason;
  answer.receive([](const node_welcome&) {}, [&](const caf::error& err) { reason = err; });
  CHECK_EQ(reason, ec::incompatible_peer);
}

SCENARIO("a node whose lease runs out stops serving, and serves again once it has renewed") {
  const auto cluster = node("a", {}, caf::timespan{4s});
  update(cluster, {entry("a")}, 1s);
  CHECK_EQ(last(), "a");
  advance_time(2999ms);
  consume_messages();
  CHECK_EQ(last(), "a");
  advance_time(1ms);
  consume_messages();
  CHECK_EQ(last(), "");
  CHECK(seen->back().fenced);
  update(cluster, {entry("a")});
  CHECK_EQ(last(), "a");
}

SCENARIO("a renewal in time keeps the node serving") {
  const auto cluster = node("a", {}, caf::timespan{4s});
  for (int i = 0; i < 10; ++i) {
    update(cluster, {entry("a")});
    advance_time(3s);
    consume_messages();
  }
  CHECK_EQ(seen->size(), 1u);
}

SCENARIO("a node that is not in the table gives nobody work") {
  const auto cluster = node("a");
  update(cluster, {entry("a")});
  update(cluster, {});
  CHECK_EQ(last(), "");
}

SCENARIO("a node that is fenced drops everything at once and serves again under a new incarnation") {
  const auto cluster = node("a", {}, caf::timespan{4s});
  update(cluster, {entry("a")});
  CHECK(serving->holds());
  anon_send(cluster, caf::reset_atom_v, std::string{"its lease has run out"});
  consume_messages();
  CHECK_EQ(last(), "");
  CHECK(seen->back().fenced);
  CHECK(!serving->holds());
  // What the table still says of the former incarnation changes nothing.
  anon_send(cluster, caf::update_atom_v, node_list{{entry("a", 1)}}, std::uint64_t{2}, caf::timespan{});
  consume_messages();
  CHECK(seen->back().fenced);
  anon_send(cluster, caf::update_atom_v, node_list{{entry("a", 2)}}, std::uint64_t{2}, caf::timespan{});
  consume_messages();
  CHECK_EQ(last(), "a");
  CHECK(!seen->back().fenced);
  CHECK(serving->holds());
}

SCENARIO("a node that joins reaches the others, writes that it is up, tells them, and only then takes its part") {
  const auto other = peer("b");
  const auto cluster = node("a", other);
  work_with_table("a", cluster, {joining("a"), entry("b")});
  CHECK_EQ(table->written, std::vector<std::string>{"up"});
  CHECK(*told);
  CHECK_EQ(last(), "ab");
  CHECK_EQ(seen->front().peers.size(), 1u);
}

SCENARIO("a node that cannot reach another one goes up after a while all the same") {
  const auto cluster = node("a");
  work_with_table("a", cluster, {joining("a"), entry("b")});
  CHECK(table->written.empty());
  CHECK_EQ(last(), "(b)");
  advance_time(2s);
  look();
  CHECK_EQ(table->written.front(), "up");
  CHECK_EQ(last(), "a(b)");
}

SCENARIO("a node that leaves gives its part away, tells the others, and answers then") {
  const auto other = peer("b");
  const auto cluster = node("a", other);
  work_with_table("a", cluster, {entry("a"), entry("b")});
  CHECK_EQ(last(), "ab");
  auto answer = self->request(cluster, caf::infinite, caf::leave_atom_v);
  consume_messages();
  bool answered = false;
  answer.receive([&] { answered = true; }, [](const caf::error&) {});
  CHECK(answered);
  CHECK(*told);
  CHECK_EQ(table->written, std::vector<std::string>{"leaving"});
  CHECK_EQ(last(), "b");
  REQUIRE_EQ(seen->back().leaving.size(), 1u);
  CHECK_EQ(seen->back().leaving.front().node, "a");
  CHECK(!seen->back().fenced);
}

SCENARIO("a node that stays out of reach is suspected in the table, until it is reached again") {
  auto other = peer("b");
  const auto cluster = node("a", other);
  work_with_table("a", cluster, {entry("a"), entry("b")});
  anon_send_exit(other, caf::exit_reason::kill);
  consume_messages();
  CHECK(table->looks > 0);
  CHECK(table->written.empty());
  advance_time(1s);
  consume_messages();
  CHECK_EQ(table->written, std::vector<std::string>{"suspects b"});
  greet(peer("b"), cluster);
  CHECK_EQ(table->written.back(), "suspects");
  CHECK_EQ(last(), "ab");
}

SCENARIO("who is told of a change answers after a look at the table") {
  const auto cluster = node("b");
  work_with_table("b", cluster, {entry("b")});
  auto answer = self->request(cluster, caf::infinite, membership_changed{});
  consume_messages();
  bool answered = false;
  answer.receive([&] { answered = true; }, [](const caf::error&) {});
  CHECK(answered);
  CHECK_EQ(table->looks, 1);
}

END_FIXTURE_SCOPE()
