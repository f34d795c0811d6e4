#pragma once

#include "doors/grpc/server.hpp"
#include "gateway/gateway.hpp"
#include "nodes/cluster/cluster.hpp"
#include "nodes/node_sources.hpp"
#include "nodes/options/config.hpp"
#include "nodes/process/shutdown.hpp"
#include "nodes/process/supervisor.hpp"
#include "nodes/wiring/node_actors.hpp"
#include "nodes/wiring/readiness.hpp"
#include "nodes/wiring/scenario_player.hpp"
#include "nodes/wiring/store_watch.hpp"
#include "transport/transport.hpp"

#include <caf/actor_cast.hpp>
#include <caf/actor_system.hpp>

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace waybill {

/// A node from its start to its end. Members stand in the order in which they start; handles stay null for what the
/// node does not have. Starting is in node_start.cpp, the gateway in node_gateway.cpp, the end in node_stop.cpp.
class running_node {
public:
  running_node(const node_config& config, const tls_credentials& credentials, server_tls https);

  result<void> start();
  /// Also after a start that failed.
  void stop(shutdown_watchdog& watchdog);
  /// Reads the files for HTTPS again; an error in them is logged and changes nothing.
  void reload();
  [[nodiscard]] bool evicted() const { return evicted_; }
  /// An actor died, which was logged: the process was asked to stop.
  [[nodiscard]] bool broken() const { return broken_; }
  /// Whether the program is to be executed anew after the end.
  [[nodiscard]] bool starts_again() const { return starts_again_; }

  [[nodiscard]] const supervisor& supervision() const { return supervisor_; }
  [[nodiscard]] caf::actor_system& system() { return sys_; }

private:
  class system_config : public transport_config {
  public:
    explicit system_config(const node_config& config);
  };

  void lose(const std::string& actor, const std::string& reason);
  /// Asks the process to stop, for whoever wants it. From any thread.
  void drain(const std::string& by);
  /// Spawned actors of the node itself pass through here.
  template <class Handle>
  Handle supervise(Handle handle);

  void begin_entry();
  result<void> join();
  void open_control();
  void open_cluster();
  result<void> open_node_api();
  result<void> announce();
  void start_membership();
  void watch_log();

  result<void> open_gateway();
  result<void> open_grpc();
  /// The keys of access tokens, for a gateway.
  result<void> load_keys();
  void open_accounts();
  void open_store_watch();
  gateway_services services();

  void stop_gateway();
  void hand_over();
  void leave_membership();
  /// Ends an actor and waits for it; a null handle is ended already.
  template <class Handle>
  void end(Handle& handle);

  const node_config& config_;
  const server_tls https_;
  system_config system_config_;
  supervisor supervisor_;
  caf::actor_system sys_;
  transport transport_;
  std::atomic<bool> evicted_ = false;
  std::atomic<bool> broken_ = false;
  std::atomic<bool> starts_again_ = false;
  std::mutex drain_mutex_;
  /// Who asked for the drain; empty for a signal from outside.
  std::string drained_by_;
  node_entry entry_;
  std::shared_ptr<serving_lease> lease_;
  std::shared_ptr<membership_table> table_;
  std::optional<node_actors> actors_;
  node_control_actor control_;
  std::shared_ptr<role_watch> role_watch_;
  std::vector<local_sink> role_watchers_;
  cluster_actor cluster_;
  node_reporter_actor reporter_;
  message_tracer_actor message_tracer_;
  node_api_actor node_api_;
  membership_actor membership_;
  std::shared_ptr<key_ring> keys_ = std::make_shared<key_ring>();
  caf::actor key_keeper_;
  caf::actor first_admin_;
  /// Null when nobody has to be made.
  std::shared_ptr<const std::atomic<bool>> admin_is_there_;
  std::shared_ptr<store_watch> store_watch_;
  store_probe_actor store_probe_;
  fault_injector_actor fault_injector_;
  scenario_player scenarios_;
  std::unique_ptr<gateway> gateway_;
  std::unique_ptr<grpc_door::server> grpc_;
  /// Null without any.
  std::shared_ptr<node_sources> sources_;
};

template <class Handle>
Handle running_node::supervise(Handle handle) {
  supervisor_.watch(caf::actor_cast<caf::actor>(handle));
  return handle;
}

} // namespace waybill
