#pragma once

#include "nodes/cluster/cluster.hpp"

#include "domain/base/errors.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <algorithm>
#include <memory>
#include <utility>

#include <caf/test/bdd_dsl.hpp>

/// A cluster actor among scripted ones: the membership table, other nodes, regions. CAF_SUITE is defined before.
namespace waybill::test::cluster {

using namespace std::chrono_literals;

using greeter_actor = caf::typed_actor<caf::result<node_welcome>(node_hello)>;
using reporting_actor =
  caf::typed_actor<caf::result<node_report>(get_node_report), caf::result<message_trace>(trace_messages),
                   caf::result<actor_list>(list_actors)>;
using placements = std::shared_ptr<std::vector<placement>>;

/// A node's cluster actor that can be told to greet another.
using fake_peer_actor = greeter_actor::extend<caf::result<void>(membership_changed)>::extend<caf::result<void>(
  caf::strong_actor_ptr)>::extend_with<reporting_actor>;

/// The membership table, as a node's membership actor sees and writes it.
struct fake_table {
  std::vector<node_entry> nodes;
  std::vector<std::string> written;
  int looks = 0;
  /// Under which the node has joined.
  std::uint64_t incarnation = 1;
  /// The next time that the node says its state, it finds its lease lost, and joins again, before it can be written.
  bool loses_lease = false;

  node_entry& row_of(const std::string& name) { return *std::ranges::find(nodes, name, &node_entry::node); }

  void join_again(const std::string& name) {
    row_of(name).incarnation = ++incarnation;
    row_of(name).state = node_state::joining;
  }
};

inline membership_actor::behavior_type fake_membership(membership_actor::pointer self, const std::string& name,
                                                       const cluster_actor& cluster,
                                                       std::shared_ptr<fake_table> table) {
  const auto tell = [=] {
    self->send(cluster, caf::update_atom_v, node_list{table->nodes}, table->incarnation,
               to_reading(self->clock().now()));
  };
  return {
    [=](caf::tick_atom) { tell(); },
    [=](membership_changed) {
      ++table->looks;
      tell();
    },
    [=](caf::put_atom, node_state state, std::uint64_t incarnation) -> caf::result<void> {
      if (std::exchange(table->loses_lease, false)) {
        caf::anon_send(cluster, caf::reset_atom_v, std::string{"its lease has run out"});
        table->join_again(name);
        tell();
      }
      if (incarnation != table->incarnation)
        return caf::make_error(ec::conflict);
      table->row_of(name).state = state;
      table->written.push_back(state == node_state::up ? "up" : "leaving");
      tell();
      return caf::unit;
    },
    [=](caf::put_atom, const std::set<std::string>& suspects) {
      std::string text = "suspects";
      for (const auto& suspect : suspects)
        text += " " + suspect;
      table->written.push_back(text);
    },
    [=](caf::reset_atom, const std::string&) { table->written.push_back("reset"); },
    [](caf::leave_atom) {},
  };
}

/// The name of a node that lists no actors.
inline constexpr auto unable_peer = "the unable";

/// Another node: answers with one order region. `api`: its node API, where that is another actor.
inline fake_peer_actor::behavior_type fake_peer(fake_peer_actor::pointer self, const std::string& name,
                                                std::uint64_t incarnation, const std::shared_ptr<bool>& told,
                                                const caf::strong_actor_ptr& api) {
  const auto region = caf::actor_cast<caf::strong_actor_ptr>(self);
  return {
    [=](const node_hello&) {
      return node_welcome{name, incarnation, {{role::order, region}}, api};
    },
    [=](membership_changed) { *told = true; },
    [=](const caf::strong_actor_ptr& other) {
      self->request(caf::actor_cast<greeter_actor>(other), caf::infinite, node_hello{name, protocol_version})
        .then([](const node_welcome&) {});
    },
    [=](get_node_report) {
      node_report report;
      report.node = name;
      return report;
    },
    [=](const trace_messages& query) {
      message_trace trace;
      // It must not ask others in its turn.
      if (!query.everywhere)
        trace.nodes.push_back({name, {}, {}, 0, {}});
      return trace;
    },
    [=](const list_actors&) -> caf::result<actor_list> {
      if (name == unable_peer)
        return caf::make_error(ec::unavailable);
      return actor_list{{{"order", "ord_" + name, name, 0, 1}}, 1};
    },
  };
}

inline placement_sink::behavior_type fake_region(placement_sink::pointer, placements seen) {
  return {[seen](const placement& placed) { seen->push_back(placed); }};
}

/// Stands for CAF's middleman: every connection leads to `peer`, if there is one.
inline connector_actor::behavior_type fake_connector(connector_actor::pointer self, std::shared_ptr<int> asked,
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

inline node_entry entry(const std::string& name, std::uint64_t incarnation = 1) {
  return {.node = name,
          .incarnation = incarnation,
          .address = "127.0.0.1:4100",
          .http = {},
          .roles = {role::order},
          .lease_until = {},
          .reachable = false};
}

inline node_entry joining(const std::string& name) {
  auto node = entry(name);
  node.state = node_state::joining;
  return node;
}

struct fixture : test_coordinator_fixture<> {
  ~fixture() {
    for (auto& actor : started)
      anon_send_exit(actor, caf::exit_reason::user_shutdown);
    consume_messages();
  }

  fake_peer_actor peer(const std::string& name, std::uint64_t incarnation = 1, const fake_peer_actor& api = {}) {
    auto actor = sys.spawn(fake_peer, name, incarnation, told, caf::actor_cast<caf::strong_actor_ptr>(api));
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
    for (const auto& spawned : {caf::actor_cast<caf::actor>(sink), caf::actor_cast<caf::actor>(connector),
                                caf::actor_cast<caf::actor>(actor)})
      started.push_back(spawned);
    consume_messages();
    return actor;
  }

  void greet(const fake_peer_actor& from, const cluster_actor& to) {
    caf::anon_send(from, caf::actor_cast<caf::strong_actor_ptr>(to));
    consume_messages();
  }

  /// The table said so `age` ago.
  void update(const cluster_actor& cluster, std::vector<node_entry> live, caf::timespan age = {}) {
    send_update(cluster, std::move(live), 1, age);
    consume_messages();
  }

  void send_update(const cluster_actor& cluster, std::vector<node_entry> live, std::uint64_t incarnation = 1,
                   caf::timespan age = {}) {
    caf::anon_send(cluster, caf::update_atom_v, node_list{std::move(live)}, incarnation,
                   to_reading(sched.clock().now() - age));
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

  /// What the cluster actor answers of the actors of other nodes, or of the one that is named; nothing: it refuses.
  std::optional<actor_list> actors_of(const cluster_actor& cluster, const std::string& name) {
    auto answer = self->request(cluster, caf::infinite, list_cluster_actors{name, {}});
    consume_messages();
    std::optional<actor_list> got;
    answer.receive([&](actor_list& list) { got = std::move(list); }, [](const caf::error&) {});
    return got;
  }

  /// The names in the last placement that the local region got; unreachable ones in parentheses.
  std::string last() const {
    std::string names;
    for (const auto& peer : seen->back().peers)
      names += peer.region ? peer.node : "(" + peer.node + ")";
    return names;
  }

  placements seen = std::make_shared<std::vector<placement>>();
  std::shared_ptr<int> asked = std::make_shared<int>(0);
  std::shared_ptr<bool> told = std::make_shared<bool>(false);
  std::shared_ptr<serving_lease> serving = std::make_shared<serving_lease>([this] { return sched.clock().now(); });
  std::shared_ptr<fake_table> table = std::make_shared<fake_table>();
  membership_actor membership;
  std::vector<caf::actor> started;
};

} // namespace waybill::test::cluster
