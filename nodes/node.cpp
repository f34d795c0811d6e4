#include "nodes/node.hpp"

#include "gateway/gateway.hpp"
#include "nodes/cluster.hpp"
#include "nodes/descriptors.hpp"
#include "nodes/membership.hpp"
#include "nodes/node_actors.hpp"
#include "nodes/node_face.hpp"
#include "nodes/readiness.hpp"
#include "nodes/scenario_player.hpp"
#include "nodes/shutdown.hpp"
#include "nodes/store_watch.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/io/middleman.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/telemetry/collector/prometheus.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <atomic>
#include <memory>
#include <thread>

namespace waybill {

namespace {

using namespace std::chrono_literals;

/// How long the name of a node that died may still be taken: its lease, and time to see that nobody renews it.
milliseconds join_patience(const node_config& config) {
  return config.membership.lease + 2 * config.membership.renewal;
}

class system_config : public caf::actor_system_config {
public:
  explicit system_config(const node_config& config) {
    load<caf::io::middleman>();
    set("caf.scheduler.policy", "sharing");
    // CAF would take at least four, which only wake each other on two cores.
    const auto workers = config.workers != 0 ? config.workers : std::max(2U, std::thread::hardware_concurrency());
    set("caf.scheduler.max-threads", static_cast<std::size_t>(workers));
    set("caf.middleman.app-identifiers", std::vector<std::string>{"waybill-" + std::to_string(protocol_version)});
    set("caf.middleman.heartbeat-interval", caf::timespan{1s});
    set("caf.middleman.connection-timeout", caf::timespan{4s});
  }
};

/// The actors of a node, in the order in which they start; handles stay null for what the node does not have.
class running_node {
public:
  explicit running_node(const node_config& config) : config_(config), system_config_(config), sys_(system_config_) {}

  result<void> start();
  void stop(shutdown_watchdog& watchdog);
  [[nodiscard]] bool evicted() const { return evicted_; }

private:
  result<void> join();
  result<void> open_face();
  void start_membership();
  result<void> open_gateway();

  template <class... Handles>
  void end(shutdown_watchdog& watchdog, const std::string& step, const Handles&... handles);

  const node_config& config_;
  system_config system_config_;
  caf::actor_system sys_;
  std::atomic<bool> evicted_ = false;
  node_entry entry_;
  std::shared_ptr<membership_table> table_;
  std::optional<node_actors> actors_;
  std::shared_ptr<role_watch> watch_ = std::make_shared<role_watch>();
  std::vector<local_sink> watchers_;
  scenario_player scenarios_;
  std::shared_ptr<store_watch> store_watch_;
  store_probe_actor store_probe_;
  std::unique_ptr<gateway> gateway_;
  cluster_actor cluster_;
  node_actor face_;
  membership_actor membership_;
};

result<void> running_node::start() {
  entry_ = {.node = config_.node_name(),
            .incarnation = 1,
            .address = config_.advertised_address(),
            .http = config_.advertised_http(),
            .roles = config_.roles,
            .lease_until = timestamp::max(),
            .reachable = true};
  auto actors = node_actors::start(sys_, config_);
  if (actors.has_error())
    return actors.error();
  actors_ = std::move(*actors);
  if (config_.on_postgresql())
    if (auto joined = join(); joined.has_error())
      return joined.error();

  cluster_settings cluster{.node = entry_.node,
                           .incarnation = entry_.incarnation,
                           .own_regions = actors_->own_regions(),
                           .sinks = actors_->sinks(),
                           .lease = std::nullopt};
  if (config_.on_postgresql())
    cluster.lease = config_.membership.lease;
  watchers_ = spawn_role_watch(sys_, watch_);
  cluster.sinks.insert(cluster.sinks.end(), watchers_.begin(), watchers_.end());
  cluster_ = spawn_cluster(sys_, std::move(cluster), sys_.middleman().actor_handle());
  if (auto opened = open_face(); opened.has_error())
    return opened.error();
  start_membership();
  return config_.has(role::gateway) ? open_gateway() : result<void>{};
}

result<void> running_node::open_gateway() {
  auto config = config_.gateway;
  config.address = config_.http.host == "localhost" ? "127.0.0.1" : config_.http.host;
  config.port = config_.http.port;
  config.insecure = config_.insecure;
  store_watch_ = std::make_shared<store_watch>(actors_->store, config_.store_patience);
  store_probe_ = spawn_store_probe(sys_, actors_->store.reader, config_.readers, store_watch_);
  gateway_services services{.orders = actors_->orders,
                            .products = actors_->products,
                            .payments = actors_->payments,
                            .deliveries = actors_->deliveries,
                            .notifier = actors_->notifier,
                            .reader = actors_->store.reader,
                            .feed = actors_->feed,
                            .node = entry_.node,
                            .metrics_text =
                              [this] {
                                caf::telemetry::collector::prometheus collector;
                                const auto text = collector.collect_from(sys_.metrics());
                                return std::string{text.begin(), text.end()};
                              },
                            .ready =
                              [watch = watch_] {
                                auto missing = watch->missing();
                                return readiness{missing.empty(), std::move(missing)};
                              },
                            .store_problem = [watch = store_watch_] { return watch->problem(); },
                            .scenarios = &scenarios_};
  gateway_ = std::make_unique<gateway>(sys_, std::move(config), std::move(services));
  if (auto started = gateway_->start(); started.has_error()) {
    gateway_.reset();
    return started.error();
  }
  log_info("node {} answers HTTP on http://{}", entry_.node, to_string(endpoint{config_.http.host, gateway_->port()}));
  return {};
}

/// A node that was killed and comes back finds its own lease for a moment: waits for it to run out.
result<void> running_node::join() {
  table_ = open_membership_table(config_.store.url, config_.membership);
  const auto deadline = std::chrono::steady_clock::now() + join_patience(config_);
  for (bool waiting = false;; waiting = true) {
    auto joined = table_->join(entry_.node);
    if (joined.has_value()) {
      entry_.incarnation = *joined;
      return {};
    }
    if (std::chrono::steady_clock::now() >= deadline)
      return joined.error();
    if (!waiting)
      log_warning("node {} cannot join yet: {}", entry_.node, joined.error().detail);
    std::this_thread::sleep_for(config_.membership.renewal / 4);
  }
}

result<void> running_node::open_face() {
  node_face_parts parts{.node = entry_.node,
                        .cluster = cluster_,
                        .reader = actors_->store.reader,
                        .listers = actors_->listers(),
                        .describers = actors_->describers()};
  face_ = spawn_node_face(sys_, std::move(parts));
  const auto port = sys_.middleman().publish(face_, config_.listen.port, config_.listen.host.c_str(), true);
  if (!port)
    return failure{ec::unavailable, "cannot listen on " + to_string(config_.listen) + ": " + to_string(port.error())};
  if (config_.listen.port == 0 && config_.advertise.empty())
    entry_.address = to_string(endpoint{parse_endpoint(entry_.address)->host, *port});
  log_info("node {} listens for nodes and shells on {}", entry_.node, to_string(endpoint{config_.listen.host, *port}));
  return {};
}

void running_node::start_membership() {
  if (!table_) {
    // One node alone: a cluster that never changes.
    caf::anon_send(cluster_, caf::update_atom_v, node_list{{entry_}}, caf::timespan{0});
    return;
  }
  membership_ = spawn_membership(sys_, table_, config_.membership, entry_, cluster_, [this] {
    evicted_ = true;
    request_stop();
  });
}

template <class... Handles>
void running_node::end(shutdown_watchdog& watchdog, const std::string& step, const Handles&... handles) {
  watchdog.enter(step);
  caf::scoped_actor self{sys_};
  const auto end_one = [&](const auto& handle) {
    if (!handle)
      return;
    self->send_exit(handle, caf::exit_reason::user_shutdown);
    self->wait_for(handle);
  };
  (end_one(handles), ...);
}

void running_node::stop(shutdown_watchdog& watchdog) {
  if (gateway_) {
    watchdog.enter("the gateway");
    gateway_->request_stop();
    gateway_->join();
    gateway_.reset();
  }
  end(watchdog, "the probe of the database", store_probe_);
  store_probe_ = nullptr;
  if (membership_) {
    watchdog.enter("the membership");
    caf::scoped_actor self{sys_};
    self->request(membership_, config_.membership.lease, caf::leave_atom_v)
      .receive([] {},
               [&](const caf::error& reason) {
                 log_warning("node {} leaves without giving its lease back: {}", entry_.node, to_string(reason));
               });
  }
  end(watchdog, "the membership", membership_);
  end(watchdog, "the node's face", face_);
  end(watchdog, "the cluster actor", cluster_);
  membership_ = nullptr;
  face_ = nullptr;
  cluster_ = nullptr;
  for (const auto& watcher : watchers_)
    end(watchdog, "the readiness", watcher.sink);
  watchers_.clear();
  if (actors_)
    actors_->stop([&](const char* step, const caf::actor& who) { end(watchdog, step, who); });
  actors_.reset();
  watchdog.enter("the actor system");
}

/// Connections that the system does not allow wait unaccepted, without the refusal that they would get otherwise.
void check_descriptors(const node_config& config) {
  constexpr std::size_t others = 300;
  const auto allowed = raise_descriptor_limit();
  if (config.has(role::gateway) && config.gateway.max_connections + others > allowed)
    log_warning("http-max-connections is {}, but this process may open {} files in all: raise its limit (ulimit -n)",
                config.gateway.max_connections, allowed);
}

} // namespace

int run_node(const node_config& config) {
  int code = 1;
  // Outlives the actor system, whose destructor waits for every actor.
  std::unique_ptr<shutdown_watchdog> watchdog;
  {
    check_descriptors(config);
    running_node node{config};
    if (auto started = node.start(); started.has_error()) {
      log_error("node {} cannot start: {}", config.node_name(), started.error().detail);
    } else {
      if (config.insecure)
        log_warning("insecure=on: whoever reaches {} or {} may do everything", to_string(config.http),
                    to_string(config.listen));
      const auto roles = roles_to_text(config.roles);
      log_info("node {} serves as {}", config.node_name(), roles);
      log_info("{} received: node {} ends", wait_for_stop_signal(), config.node_name());
      code = node.evicted() ? 1 : 0;
    }
    watchdog = std::make_unique<shutdown_watchdog>(config.shutdown_timeout);
    node.stop(*watchdog);
  }
  watchdog.reset();
  log_info("node {} has ended", config.node_name());
  return code;
}

} // namespace waybill
