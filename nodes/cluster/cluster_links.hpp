#pragma once

#include "nodes/cluster/cluster.hpp"
#include "nodes/process/log.hpp"

#include <caf/actor_addr.hpp>

#include <functional>
#include <map>
#include <set>
#include <string>

namespace waybill {

/// The actor that stands for another node: its published node API, or its cluster actor.
using peer_actor = caf::typed_actor<caf::result<node_welcome>(node_hello), caf::result<void>(membership_changed)>;

/// Makes and answers the connections of the cluster actor: part of its state, lives and dies with it.
class cluster_links {
public:
  struct hooks {
    /// Whether a node is known under this incarnation already.
    std::function<bool(const std::string& node, std::uint64_t incarnation)> known;
    /// `link` stands for the node and is monitored: its node_api_actor.
    std::function<void(node_welcome welcome, caf::strong_actor_ptr link)> reached;
  };

  cluster_links(cluster_actor::pointer self, const cluster_settings& settings, connector_actor connector, hooks told)
    : self_(self), settings_(settings), connector_(std::move(connector)), hooks_(std::move(told)) {}

  /// Connects to the node and asks for its regions; does nothing while that is under way.
  void connect(const node_entry& node);

  /// Asks a node that has greeted this one before.
  void greet_back(const std::string& node);

  /// A node that says hello over a connection of its own can be asked back through the sender of the hello.
  void greeted_by(const std::string& node, const peer_actor& greeter);

  void lost(const caf::actor_addr& link);

  /// Logs why a node of another protocol was refused.
  void refuse(const node_hello& hello);

private:
  void greet(const std::string& expected, const peer_actor& greeter);
  void failed(const std::string& node, const std::string& reason);

  cluster_actor::pointer self_;
  const cluster_settings& settings_;
  connector_actor connector_;
  hooks hooks_;
  failure_log failures_;
  std::set<std::string> connecting_;
  std::set<std::string> greeting_;
  std::map<std::string, peer_actor> greeters_;
};

} // namespace waybill
