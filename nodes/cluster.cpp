#include "nodes/cluster.hpp"

#include "nodes/cluster_view.hpp"
#include "nodes/endpoint.hpp"
#include "nodes/log.hpp"

#include <caf/actor_system.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/sec.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <algorithm>
#include <map>
#include <set>

namespace waybill {

namespace {

/// A node that says hello over a connection that it made itself can be asked back through the sender of the hello.
using greeter_actor = caf::typed_actor<caf::result<node_welcome>(node_hello)>;

struct cluster_state {
  static inline const char* name = "waybill.cluster";

  cluster_state(cluster_actor::pointer ptr, cluster_settings options, connector_actor middleman)
    : self(ptr), settings(std::move(options)), connector(std::move(middleman)), view(settings.node) {
    view.set_reachable({settings.node, settings.incarnation, settings.own_regions}, caf::actor_addr{});
    self->set_down_handler([this](const caf::down_msg& down) { lost(down.source); });
  }

  cluster_actor::behavior_type make_behavior() {
    return {
      [this](const node_hello& hello) { return welcome(hello); },
      [this](const list_nodes&) { return view.list(); },
      [this](caf::update_atom, node_list& live, caf::timespan age) { update(std::move(live), age); },
      [this](caf::tick_atom) { check_lease(); },
    };
  }

  // -- the own lease --------------------------------------------------------------------------------------------------

  void update(node_list live, caf::timespan age) {
    if (settings.lease) {
      const auto left = *settings.lease - age;
      serving_until = self->clock().now() + left;
      self->delayed_send(self, left, caf::tick_atom_v);
      if (stopped && left.count() > 0) {
        stopped = false;
        log_info("node {} has its lease again and serves", settings.node);
      }
    }
    view.set_live(std::move(live.nodes));
    publish();
    for (auto& node : view.to_connect())
      connect(node);
    for (auto& node : view.list().nodes)
      if (auto found = greeters.find(node.node); found != greeters.end() && !node.reachable)
        greet(node.node, found->second);
  }

  void check_lease() {
    if (stopped || self->clock().now() < serving_until)
      return;
    stopped = true;
    log_error("node {} could not renew its lease in time and stops serving: other nodes may take its entities over",
              settings.node);
    publish();
  }

  // -- other nodes ----------------------------------------------------------------------------------------------------

  void connect(const node_entry& node) {
    const auto address = parse_endpoint(node.address);
    if (!address) {
      failed(node.node, "its address " + node.address + " cannot be read");
      return;
    }
    if (!connecting.insert(node.node).second)
      return;
    self->request(connector, settings.connect_timeout, caf::connect_atom_v, address->host, address->port)
      .then(
        [this, node](const caf::node_id&, const caf::strong_actor_ptr& face, const std::set<std::string>& interface) {
          connecting.erase(node.node);
          if (!face || !self->system().assignable<node_actor>(interface)) {
            failed(node.node, "something else answers at " + node.address);
            return;
          }
          greet(node.node, caf::actor_cast<greeter_actor>(face));
        },
        [this, node](const caf::error& reason) {
          connecting.erase(node.node);
          if (reason == caf::sec::incompatible_application_ids)
            failed(node.node, "it speaks another protocol version than " + std::to_string(protocol_version));
          else if (reason == caf::sec::disconnect_during_handshake)
            failed(node.node, "who answers at " + node.address
                                + " refuses this node or cannot prove to be one: see cluster-tls-... of both");
          else if (reason == caf::sec::cannot_connect_to_node)
            failed(node.node, "nobody answers at " + node.address);
          else
            failed(node.node, "no connection to " + node.address + ": " + to_string(reason));
        });
  }

  /// Asks the node for its regions; `greeter` is its published actor, or the cluster actor that greeted this one.
  void greet(const std::string& expected, const greeter_actor& greeter) {
    if (!greeting.insert(expected).second)
      return;
    self->request(greeter, settings.hello_timeout, node_hello{settings.node, protocol_version})
      .then(
        [this, expected, greeter](node_welcome& answer) {
          greeting.erase(expected);
          if (answer.node != expected) {
            failed(expected, "node " + answer.node + " answers in its place");
            return;
          }
          if (view.reachable(expected, answer.incarnation))
            return;
          self->monitor(greeter);
          log_info("node {} reached node {}", settings.node, expected);
          failures.forget(expected);
          view.set_reachable(std::move(answer), greeter.address());
          publish();
        },
        [this, expected](const caf::error& reason) {
          greeting.erase(expected);
          failed(expected, reason == ec::incompatible_peer
                             ? "it speaks another protocol version than " + std::to_string(protocol_version)
                             : "no answer: " + to_string(reason));
        });
  }

  caf::result<node_welcome> welcome(const node_hello& hello) {
    if (hello.protocol != protocol_version) {
      if (const auto again = failures.report("protocol of " + hello.node))
        log_error("{} refused: it speaks protocol {}, this node speaks {}{}", hello.node, hello.protocol,
                  protocol_version, *again);
      return caf::make_error(ec::incompatible_peer, "this node speaks protocol " + std::to_string(protocol_version));
    }
    // Tools have no name.
    if (auto sender = self->current_sender(); sender && !hello.node.empty() && hello.node != settings.node)
      greeted_by(hello.node, caf::actor_cast<greeter_actor>(sender));
    return node_welcome{settings.node, settings.incarnation, settings.own_regions};
  }

  void greeted_by(const std::string& node, const greeter_actor& greeter) {
    auto& known = greeters[node];
    if (known == greeter)
      return;
    known = greeter;
    self->monitor(greeter);
    greet(node, greeter);
  }

  void lost(const caf::actor_addr& link) {
    std::erase_if(greeters, [&](const auto& entry) { return entry.second.address() == link; });
    const auto node = view.forget(link);
    if (node.empty())
      return;
    log_warning("node {} lost its connection to node {}", settings.node, node);
    publish();
  }

  void failed(const std::string& node, const std::string& reason) {
    if (const auto again = failures.report(node))
      log_warning("node {} cannot reach node {}: {}{}", settings.node, node, reason, *again);
  }

  // -- the local regions ----------------------------------------------------------------------------------------------

  void publish() {
    std::set<waybill::role> roles;
    for (const auto& wanted : settings.sinks)
      roles.insert(wanted.role);
    for (const auto role : roles) {
      auto peers = stopped ? std::vector<region_peer>{} : view.peers(role);
      auto last = published.find(role);
      if (last != published.end() && same(last->second, peers))
        continue;
      const placement next{++epoch, settings.node, peers};
      for (const auto& wanted : settings.sinks)
        if (wanted.role == role)
          caf::anon_send(wanted.sink, next);
      published.insert_or_assign(role, std::move(peers));
    }
  }

  static bool same(const std::vector<region_peer>& a, const std::vector<region_peer>& b) {
    return std::ranges::equal(
      a, b, [](const region_peer& x, const region_peer& y) { return x.node == y.node && x.region == y.region; });
  }

  cluster_actor::pointer self;
  cluster_settings settings;
  connector_actor connector;
  cluster_view view;
  failure_log failures;
  std::set<std::string> connecting;
  std::set<std::string> greeting;
  std::map<std::string, greeter_actor> greeters;
  std::map<waybill::role, std::vector<region_peer>> published;
  std::uint64_t epoch = 0;
  caf::actor_clock::time_point serving_until{};
  bool stopped = false;
};

} // namespace

cluster_actor spawn_cluster(caf::actor_system& sys, cluster_settings settings, connector_actor connector) {
  return sys.spawn<cluster_actor::stateful_impl<cluster_state>>(std::move(settings), std::move(connector));
}

} // namespace waybill
