#include "transport/node_client.hpp"

#include "domain/base/errors.hpp"

#include <caf/sec.hpp>

#include <set>

namespace waybill {

using namespace std::chrono_literals;

node_client::client_config::client_config() {
  set("caf.scheduler.policy", "sharing");
  set("caf.scheduler.max-threads", std::size_t{1});
}

node_client::node_client(std::shared_ptr<ssl_ctx_st> tls)
  : secure_(tls != nullptr),
    transport_(sys_, {std::move(tls), [this](const std::string&, const std::string& reason) { note(reason); }, true}) {}

node_client::~node_client() = default;

result<node_welcome> node_client::connect(const std::string& host, std::uint16_t port) {
  result<void> outcome;
  self_->request(transport_.connector(), 10s, caf::connect_atom_v, host, port)
    .receive(
      [&](const caf::node_id&, const caf::strong_actor_ptr& published, const std::set<std::string>& interface) {
        if (published && sys_.assignable<node_actor>(interface))
          node_ = caf::actor_cast<node_actor>(published);
        if (node_ && sys_.assignable<node_control_actor>(interface))
          control_ = caf::actor_cast<node_control_actor>(published);
        if (node_ && sys_.assignable<node_operations_actor>(interface))
          operations_ = caf::actor_cast<node_operations_actor>(published);
        if (!node_)
          outcome = failure{ec::unavailable, "the process there is no Waybill node"};
      },
      [&](const caf::error& reason) { outcome = why_not(reason); });
  if (outcome.has_error())
    return outcome.error();
  // An empty name: a tool, not a node.
  return ask<node_welcome>(node_hello{{}, protocol_version});
}

bool node_client::await_end(std::chrono::milliseconds limit) {
  self_->monitor(node_);
  bool ended = false;
  self_->receive([&](const caf::down_msg&) { ended = true; }, caf::after(limit) >> [] {});
  return ended;
}

failure node_client::not_connected() {
  return {ec::unavailable, "not connected"};
}

failure node_client::why_not(const caf::error& reason) {
  if (reason == caf::sec::incompatible_application_ids)
    return {ec::incompatible_peer, "the node speaks another protocol version than this program"};
  if (reason != caf::sec::disconnect_during_handshake)
    return {ec::unavailable, "no node can be reached there"};
  const std::lock_guard lock{mutex_};
  if (!secure_ && distrust_.empty())
    return {ec::unavailable, "the process there is no node, or demands certificates: see --cluster-tls-ca"};
  if (!secure_)
    return {ec::unavailable, "the process there and this one do not trust each other: " + distrust_};
  return {ec::unavailable, "the process there has no certificate of this cluster, or refuses the one of this program"
                             + (distrust_.empty() ? distrust_ : ": " + distrust_)};
}

void node_client::note(const std::string& reason) {
  const std::lock_guard lock{mutex_};
  distrust_ = reason;
}

} // namespace waybill
