#include "nodes/cluster/cluster_links.hpp"

#include "domain/base/errors.hpp"
#include "domain/base/log.hpp"
#include "transport/endpoint.hpp"

#include <caf/actor_cast.hpp>
#include <caf/actor_system.hpp>
#include <caf/sec.hpp>
#include <caf/typed_event_based_actor.hpp>

namespace waybill {

void cluster_links::connect(const node_entry& node) {
  const auto address = parse_endpoint(node.address);
  if (!address) {
    failed(node.node, "its address " + node.address + " cannot be read");
    return;
  }
  if (!connecting_.insert(node.node).second)
    return;
  self_->request(connector_, settings_.connect_timeout, caf::connect_atom_v, address->host, address->port)
    .then(
      [this, node](const caf::node_id&, const caf::strong_actor_ptr& published,
                   const std::set<std::string>& interface) {
        connecting_.erase(node.node);
        if (!published || !self_->system().assignable<node_actor>(interface)) {
          failed(node.node, "something else answers at " + node.address);
          return;
        }
        greet(node.node, caf::actor_cast<peer_actor>(published));
      },
      [this, node](const caf::error& reason) {
        connecting_.erase(node.node);
        if (reason == caf::sec::incompatible_application_ids)
          failed(node.node, "it speaks another protocol version than " + std::to_string(protocol_version));
        else if (reason == caf::sec::disconnect_during_handshake)
          failed(node.node, "the process at " + node.address
                              + " refuses this node or cannot prove to be one: see cluster-tls-... of both");
        else if (reason == caf::sec::cannot_connect_to_node)
          failed(node.node, "nobody answers at " + node.address);
        else
          failed(node.node, "no connection to " + node.address + ": " + to_string(reason));
      });
}

void cluster_links::greet(const std::string& expected, const peer_actor& greeter) {
  if (!greeting_.insert(expected).second)
    return;
  self_->request(greeter, settings_.hello_timeout, node_hello{settings_.node, protocol_version})
    .then(
      [this, expected, greeter](node_welcome& answer) {
        greeting_.erase(expected);
        if (answer.node != expected) {
          failed(expected, "node " + answer.node + " answers in its place");
          return;
        }
        if (hooks_.known(expected, answer.incarnation))
          return;
        // The greeted one may be the other cluster actor, which had greeted this node: it answers only some questions.
        auto link = answer.api ? answer.api : caf::actor_cast<caf::strong_actor_ptr>(greeter);
        self_->monitor(caf::actor_cast<caf::actor>(link));
        log_info("node {} reached node {}", settings_.node, expected);
        failures_.forget(expected);
        hooks_.reached(std::move(answer), std::move(link));
      },
      [this, expected](const caf::error& reason) {
        greeting_.erase(expected);
        failed(expected, reason == ec::incompatible_peer
                           ? "it speaks another protocol version than " + std::to_string(protocol_version)
                           : "no answer: " + to_string(reason));
      });
}

void cluster_links::greet_back(const std::string& node) {
  if (auto greeter = greeters_.find(node); greeter != greeters_.end())
    greet(node, greeter->second);
}

void cluster_links::greeted_by(const std::string& node, const peer_actor& greeter) {
  auto& known = greeters_[node];
  if (known == greeter)
    return;
  known = greeter;
  self_->monitor(greeter);
  greet(node, greeter);
}

void cluster_links::lost(const caf::actor_addr& link) {
  std::erase_if(greeters_, [&](const auto& entry) { return entry.second.address() == link; });
}

void cluster_links::refuse(const node_hello& hello) {
  if (const auto again = failures_.report("protocol of " + hello.node))
    log_error("{} refused: it speaks protocol {}, this node speaks {}{}", hello.node, hello.protocol, protocol_version,
              *again);
}

void cluster_links::failed(const std::string& node, const std::string& reason) {
  if (const auto again = failures_.report(node))
    log_warning("node {} cannot reach node {}: {}{}", settings_.node, node, reason, *again);
}

} // namespace waybill
