#include "domain/base/errors.hpp"
#include "domain/base/log.hpp"
#include "nodes/control/node_control.hpp"
#include "nodes/control/node_reporter.hpp"
#include "nodes/process/listening.hpp"
#include "nodes/process/log.hpp"
#include "nodes/running_node.hpp"
#include "nodes/wiring/certificates.hpp"

#include <caf/send.hpp>

#include <algorithm>
#include <thread>

namespace waybill {

namespace {

/// How long the name of a node that died may still be taken: its lease, and the time to see that nobody renews it.
milliseconds join_patience(const node_config& config) {
  return config.membership.lease + 2 * config.membership.renewal;
}

/// A node that was killed and is started again, under its name or another one, finds its own lease for a moment: tries
/// again until the lease has run out.
template <class Attempt>
auto retry_while_leased(const node_config& config, Attempt attempt) -> decltype(attempt()) {
  const auto deadline = std::chrono::steady_clock::now() + join_patience(config);
  for (bool waiting = false;; waiting = true) {
    auto outcome = attempt();
    if (outcome.has_value())
      return outcome;
    const auto code = outcome.error().code;
    const bool may_pass = code == ec::conflict || code == ec::duplicate || code == ec::unavailable;
    if (!may_pass || std::chrono::steady_clock::now() >= deadline)
      return outcome;
    if (!waiting)
      log_warning("node {} cannot join yet: {}", config.node_name(), outcome.error().detail);
    std::this_thread::sleep_for(config.membership.renewal / 4);
  }
}

} // namespace

running_node::system_config::system_config(const node_config& config) {
  set("caf.scheduler.policy", "sharing");
  // CAF would take at least four, which only wake each other on two cores.
  const auto workers = config.workers != 0 ? config.workers : std::max(2U, std::thread::hardware_concurrency());
  set("caf.scheduler.max-threads", static_cast<std::size_t>(workers));
  if (config.actor_metrics)
    set("caf.metrics-filters.actors.includes", std::vector<std::string>{"*"});
}

running_node::running_node(const node_config& config, const tls_credentials& credentials, server_tls https)
  : config_(config), https_(std::move(https)), system_config_(config),
    supervisor_([this](const std::string& actor, const std::string& reason) { lose(actor, reason); }),
    sys_(system_config_), transport_(sys_, make_cluster_security(sys_, config.node_name(), credentials)),
    role_watch_(std::make_shared<role_watch>(config.auth_required())),
    scenarios_({.chaos = config.chaos, .has_peers = config.on_postgresql()}) {
  announce_cluster_tls(sys_, config.node_name(), credentials);
}

/// A process in which a part is dead looks alive and does not work: an orderly end, as far as the others go, lets its
/// supervisor start it again, and other nodes take over at once.
void running_node::lose(const std::string& actor, const std::string& reason) {
  log_error("node {} ends: its actor {} is dead: {}", config_.node_name(), actor, reason);
  if (!broken_.exchange(true))
    request_stop();
}

void running_node::drain(const std::string& by) {
  {
    const std::lock_guard guard{drain_mutex_};
    drained_by_ = by;
  }
  request_stop();
}

result<void> running_node::start() {
  for (const auto& actor : transport_.long_lived_actors())
    supervisor_.watch(actor);
  begin_entry();
  // Here, so that what the start needs is read before anything else reads: damage to it always ends the start, and
  // damage to what is read later never does.
  auto actors = node_actors::start(sys_, config_, lease_, supervisor_, [this] { return load_keys(); });
  if (actors.has_error())
    return actors.error();
  actors_ = std::move(*actors);
  if (config_.on_postgresql())
    if (auto joined = join(); joined.has_error())
      return joined.error();
  open_control();
  open_cluster();
  if (auto opened = open_node_api(); opened.has_error())
    return opened.error();
  if (table_)
    if (auto announced = announce(); announced.has_error())
      return announced.error();
  start_membership();
  watch_log();
  open_store_watch();
  return config_.has(role::gateway) || config_.ops ? open_gateway() : result<void>{};
}

void running_node::begin_entry() {
  entry_ = {.node = config_.node_name(),
            .incarnation = 1,
            .address = config_.advertised_address(),
            .http = config_.advertised_http(),
            .roles = config_.roles,
            .lease_until = timestamp::max(),
            .reachable = true};
  if (config_.on_postgresql()) {
    entry_.state = node_state::joining;
    lease_ = std::make_shared<serving_lease>();
  }
}

result<void> running_node::join() {
  table_ = open_membership_table(config_.store.url, config_.membership, actors_->store.watch);
  auto joined = retry_while_leased(config_, [this] { return table_->join(entry_.node); });
  if (joined.has_error())
    return joined.error();
  entry_.incarnation = *joined;
  return {};
}

void running_node::open_control() {
  control_ = supervise(spawn_node_control(sys_, {.node = entry_.node,
                                                 .chaos = config_.chaos,
                                                 .orders = actors_->orders,
                                                 .payments = actors_->payments,
                                                 .deliveries = actors_->deliveries,
                                                 .stop = [this](const std::string& by) { drain(by); },
                                                 .restart = [this] {
                                                   starts_again_ = true;
                                                   request_stop();
                                                 }}));
}

void running_node::open_cluster() {
  cluster_settings settings{.node = entry_.node,
                            .incarnation = entry_.incarnation,
                            .own_regions = actors_->own_regions(),
                            .sinks = actors_->sinks(),
                            .lease = std::nullopt,
                            .serving = lease_,
                            // A node that is alone has nothing to report.
                            .log = lease_ ? actors_->cluster_log : cluster_log_actor{},
                            .troubles = actors_->troubles,
                            .control = control_};
  if (config_.on_postgresql())
    settings.lease = config_.membership.lease;
  role_watchers_ = spawn_role_watch(sys_, role_watch_);
  settings.sinks.insert(settings.sinks.end(), role_watchers_.begin(), role_watchers_.end());
  for (const auto& watcher : role_watchers_)
    supervise(watcher.sink);
  cluster_ = supervise(spawn_cluster(sys_, std::move(settings), transport_.connector()));
}

result<void> running_node::open_node_api() {
  reporter_ = supervise(spawn_node_reporter(sys_, entry_.node, actors_->troubles));
  message_tracer_ = supervise(spawn_message_tracer(sys_, entry_.node, actors_->tap));
  node_api_ = supervise(spawn_node_api(sys_, {.node = entry_.node,
                                              .cluster = cluster_,
                                              .reader = actors_->store.reader,
                                              .regions = actors_->regions_by_name(),
                                              .orders = actors_->orders,
                                              .full_auditor = actors_->full_auditor,
                                              .bulk_actions = actors_->bulk_actions,
                                              .webhooks = actors_->webhooks,
                                              .reporter = reporter_,
                                              .tracer = message_tracer_}));
  caf::anon_send(cluster_, caf::publish_atom_v, caf::actor_cast<caf::strong_actor_ptr>(node_api_));
  const auto port = transport_.publish(node_api_, config_.listen.port, config_.listen.host);
  if (!port)
    return failure{ec::unavailable, "cannot listen on " + to_string(config_.listen) + ": "
                                      + why_not_listen(config_.listen) + "; --listen chooses another one"};
  if (config_.listen.port == 0 && config_.advertise.empty())
    entry_.address = to_string(endpoint{parse_endpoint(entry_.address)->host, *port});
  log_info("node {} listens for nodes and shells on {}", entry_.node, to_string(endpoint{config_.listen.host, *port}));
  return {};
}

/// While it waits for its address to be free, the node's own lease may run out.
result<void> running_node::announce() {
  return retry_while_leased(config_, [this] {
    auto announced = table_->announce(entry_);
    if (announced.has_error())
      if (auto again = table_->join(entry_.node); again.has_value())
        entry_.incarnation = *again;
    return announced;
  });
}

/// All that this node has in memory is of the log that was there. Leaving and joining again drops it.
void running_node::watch_log() {
  auto& watch = *actors_->store.watch;
  const auto tell = [log = actors_->cluster_log, node = entry_.node](std::uint64_t generation,
                                                                     const std::string& reason) {
    caf::anon_send(log, node_change{cluster_event::log_replaced, node, generation, {}, reason});
  };
  // It may have been replaced while no node was there.
  if (const auto generation = watch.generation(); generation != 0)
    tell(generation, "it was restored, or another server has it now");
  watch.subscribe([tell, membership = membership_](std::uint64_t generation, const std::string& reason) {
    tell(generation, reason);
    if (membership)
      caf::anon_send(membership, caf::reset_atom_v, "the event log was replaced: " + reason);
  });
}

void running_node::start_membership() {
  if (!table_) {
    // One node alone: a cluster that never changes.
    caf::anon_send(cluster_, caf::update_atom_v, node_list{{entry_}}, entry_.incarnation,
                   to_reading(sys_.clock().now()));
    return;
  }
  membership_ = spawn_membership(sys_, table_, config_.membership, entry_, cluster_, [this] {
    evicted_ = true;
    request_stop();
  });
  // It ends by itself when it is evicted.
  supervisor_.watch_task(caf::actor_cast<caf::actor>(membership_));
}

} // namespace waybill
