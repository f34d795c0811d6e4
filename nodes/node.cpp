#include "nodes/node.hpp"

#include "domain/base/errors.hpp"
#include "gateway/gateway.hpp"
#include "nodes/accounts/first_admin.hpp"
#include "nodes/accounts/key_keeper.hpp"
#include "nodes/cluster/cluster.hpp"
#include "nodes/cluster/membership.hpp"
#include "nodes/control/fault_injection.hpp"
#include "nodes/control/node_api.hpp"
#include "nodes/control/node_control.hpp"
#include "nodes/readiness.hpp"
#include "nodes/shutdown.hpp"
#include "nodes/store_watch.hpp"
#include "nodes/wiring/descriptors.hpp"
#include "nodes/wiring/gateway_setup.hpp"
#include "nodes/wiring/node_actors.hpp"
#include "nodes/wiring/scenario_player.hpp"
#include "transport/transport.hpp"

#include <caf/actor_system.hpp>
#include <caf/scoped_actor.hpp>
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

story_limits stories_of(const node_config& config) {
  return {.chaos = config.chaos, .has_peers = config.on_postgresql()};
}

class system_config : public transport_config {
public:
  explicit system_config(const node_config& config) {
    set("caf.scheduler.policy", "sharing");
    // CAF would take at least four, which only wake each other on two cores.
    const auto workers = config.workers != 0 ? config.workers : std::max(2U, std::thread::hardware_concurrency());
    set("caf.scheduler.max-threads", static_cast<std::size_t>(workers));
  }
};

/// The actors of a node, in the order in which they start; handles stay null for what the node does not have.
class running_node {
public:
  running_node(const node_config& config, const tls_credentials& credentials, server_tls https)
    : config_(config), credentials_(credentials), https_(std::move(https)), system_config_(config),
      sys_(system_config_), transport_(sys_, security()), scenarios_(stories_of(config)) {}

  result<void> start();
  void stop(shutdown_watchdog& watchdog);
  /// Reads the files of HTTPS again; what is wrong with them is logged, and changes nothing.
  void reload();
  [[nodiscard]] bool evicted() const { return evicted_; }
  /// Whether the program is to be executed anew after the end.
  [[nodiscard]] bool starts_again() const { return starts_again_; }

private:
  transport_security security();
  void announce_security();
  result<void> join();
  void open_control();
  result<void> open_face();
  result<void> announce();
  void start_membership();
  void hand_over(shutdown_watchdog& watchdog);
  result<void> open_gateway();
  result<void> open_accounts();

  template <class Attempt>
  auto patiently(Attempt attempt) -> decltype(attempt());

  template <class... Handles>
  void end(shutdown_watchdog& watchdog, const std::string& step, const Handles&... handles);

  const node_config& config_;
  const tls_credentials& credentials_;
  const server_tls https_;
  system_config system_config_;
  caf::actor_system sys_;
  transport transport_;
  std::atomic<bool> evicted_ = false;
  std::atomic<bool> starts_again_ = false;
  node_entry entry_;
  std::shared_ptr<serving_lease> lease_;
  std::shared_ptr<membership_table> table_;
  std::optional<node_actors> actors_;
  std::shared_ptr<role_watch> watch_ = std::make_shared<role_watch>(config_.auth_required());
  std::vector<local_sink> watchers_;
  std::shared_ptr<key_ring> keys_ = std::make_shared<key_ring>();
  caf::actor key_keeper_;
  caf::actor first_admin_;
  scenario_player scenarios_;
  std::shared_ptr<store_watch> store_watch_;
  store_probe_actor store_probe_;
  std::unique_ptr<gateway> gateway_;
  node_control_actor control_;
  cluster_actor cluster_;
  fault_injector_actor fault_injector_;
  node_face_actor face_;
  membership_actor membership_;
};

transport_security running_node::security() {
  auto* refused =
    sys_.metrics().counter_singleton("waybill.cluster", "distrusted-connections",
                                     "Connections to or from other processes without mutual trust.", "1", true);
  const auto failures = std::make_shared<failure_log>();
  return {credentials_.context(),
          [refused, failures, node = config_.node_name()](const std::string& peer, const std::string& reason) {
            refused->inc();
            // By the reason: there are as many addresses as strangers like.
            if (const auto again = failures->report(reason))
              log_warning("node {} and {} do not trust each other: {}{}", node, peer, reason, *again);
          }};
}

void running_node::announce_security() {
  if (!credentials_.used())
    return;
  log_info("node {} talks to other nodes by mutual TLS as {}, valid until {}", config_.node_name(),
           credentials_.subject(), to_rfc3339(credentials_.expires()));
  if (credentials_.expires() - now() < warn_before_expiry)
    log_warning("the certificate of node {} ends soon, at {}: replace it and restart the node", config_.node_name(),
                to_rfc3339(credentials_.expires()));
  sys_.metrics()
    .gauge_singleton("waybill.cluster", "certificate-expiry", "When the certificate of this node ends, in Unix time.",
                     "seconds")
    ->value(std::chrono::duration_cast<std::chrono::seconds>(credentials_.expires().time_since_epoch()).count());
}

result<void> running_node::start() {
  announce_security();
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
  auto actors = node_actors::start(sys_, config_, lease_);
  if (actors.has_error())
    return actors.error();
  actors_ = std::move(*actors);
  if (config_.on_postgresql())
    if (auto joined = join(); joined.has_error())
      return joined.error();

  open_control();
  cluster_settings cluster{.node = entry_.node,
                           .incarnation = entry_.incarnation,
                           .own_regions = actors_->own_regions(),
                           .sinks = actors_->sinks(),
                           .lease = std::nullopt,
                           .serving = lease_,
                           .log = actors_->cluster_log,
                           .control = control_};
  if (config_.on_postgresql())
    cluster.lease = config_.membership.lease;
  watchers_ = spawn_role_watch(sys_, watch_);
  cluster.sinks.insert(cluster.sinks.end(), watchers_.begin(), watchers_.end());
  cluster_ = spawn_cluster(sys_, std::move(cluster), transport_.connector());
  if (auto opened = open_face(); opened.has_error())
    return opened.error();
  if (table_)
    if (auto announced = announce(); announced.has_error())
      return announced.error();
  start_membership();
  return config_.has(role::gateway) || config_.ops ? open_gateway() : result<void>{};
}

void running_node::reload() {
  const auto read = server_tls::load(config_.http_tls);
  if (read.has_error()) {
    log_error("the certificate for HTTPS stays as it is: {}", read.error().detail);
    return;
  }
  if (gateway_)
    gateway_->replace_tls(read->context());
  announce_https(sys_, entry_.node, *read);
}

/// The keys of access tokens, and somebody who can sign in.
result<void> running_node::open_accounts() {
  auto loaded = load_token_keys(config_);
  if (loaded.has_error())
    return loaded.error();
  keys_->replace(std::move(*loaded));
  key_keeper_ = spawn_key_keeper(sys_, config_, keys_);
  const auto& auth = config_.auth;
  if (!config_.auth_required() && auth.admin_email.empty())
    return {};
  first_admin_settings admin{.email = auth.admin_email.empty() ? "admin@localhost" : auth.admin_email,
                             .password = auth.admin_password,
                             // Not through the log, which is kept and sent elsewhere.
                             .show = [](const std::string& email, const std::string& password) {
                               std::printf("The first admin is %s with the password %s (shown this once: sign in "
                                           "and change it)\n",
                                           email.c_str(), password.c_str());
                               std::fflush(stdout);
                             }};
  first_admin_ = spawn_first_admin(sys_, actors_->store.reader, actors_->users, std::move(admin));
  return {};
}

result<void> running_node::open_gateway() {
  if (config_.has(role::gateway))
    if (auto opened = open_accounts(); opened.has_error())
      return opened.error();
  auto watched = actors_->store;
  // A node that is nothing but a gateway writes no orders: those that do have connections of their own.
  if (config_.has(role::gateway) && config_.roles.size() == 1)
    watched.journal_health.clear();
  store_watch_ = std::make_shared<store_watch>(std::move(watched), config_.store_patience);
  store_probe_ = spawn_store_probe(sys_, actors_->store.reader, config_.readers, store_watch_);
  if (config_.chaos)
    fault_injector_ = spawn_fault_injector(sys_, {.node = entry_.node}, cluster_, actors_->orders);
  scenarios_.use(fault_injector_);
  gateway_services services{.orders = actors_->orders,
                            .products = actors_->products,
                            .payments = actors_->payments,
                            .deliveries = actors_->deliveries,
                            .couriers = actors_->couriers,
                            .users = actors_->users,
                            .service_keys = actors_->service_keys,
                            .webhooks = actors_->webhooks,
                            .notifier = actors_->notifier,
                            .reader = actors_->store.reader,
                            .feed = actors_->feed,
                            .node_api = face_,
                            .tls = https_.context(),
                            .keys = keys_,
                            .node = entry_.node,
                            .ready =
                              [watch = watch_] {
                                auto missing = watch->missing();
                                return readiness{missing.empty(), std::move(missing)};
                              },
                            .store_problem = [watch = store_watch_] { return watch->problem(); },
                            .order_at_hand = actors_->order_at_hand,
                            .scenarios = &scenarios_};
  gateway_ = std::make_unique<gateway>(sys_, gateway_settings(config_), std::move(services));
  if (auto started = gateway_->start(); started.has_error()) {
    gateway_.reset();
    return started.error();
  }
  announce_gateway(config_, entry_.node, gateway_->ports(), https_.used());
  if (https_.used() && config_.has(role::gateway))
    announce_https(sys_, entry_.node, https_);
  return {};
}

/// A node that was killed and comes back, under its name or another one, finds its own lease for a moment: waits for it
/// to run out.
template <class Attempt>
auto running_node::patiently(Attempt attempt) -> decltype(attempt()) {
  const auto deadline = std::chrono::steady_clock::now() + join_patience(config_);
  for (bool waiting = false;; waiting = true) {
    auto outcome = attempt();
    if (outcome.has_value())
      return outcome;
    const auto code = outcome.error().code;
    const bool may_pass = code == ec::conflict || code == ec::unavailable;
    if (!may_pass || std::chrono::steady_clock::now() >= deadline)
      return outcome;
    if (!waiting)
      log_warning("node {} cannot join yet: {}", entry_.node, outcome.error().detail);
    std::this_thread::sleep_for(config_.membership.renewal / 4);
  }
}

result<void> running_node::join() {
  table_ = open_membership_table(config_.store.url, config_.membership);
  auto joined = patiently([this] { return table_->join(entry_.node); });
  if (joined.has_error())
    return joined.error();
  entry_.incarnation = *joined;
  return {};
}

/// While it waits for its address to be free, the node's own lease may run out.
result<void> running_node::announce() {
  return patiently([this] {
    auto announced = table_->announce(entry_);
    if (announced.has_error())
      if (auto again = table_->join(entry_.node); again.has_value())
        entry_.incarnation = *again;
    return announced;
  });
}

void running_node::open_control() {
  control_ = spawn_node_control(sys_, {.node = entry_.node,
                                       .chaos = config_.chaos,
                                       .orders = actors_->orders,
                                       .payments = actors_->payments,
                                       .deliveries = actors_->deliveries,
                                       .stop = request_stop,
                                       .restart = [this] {
                                         starts_again_ = true;
                                         request_stop();
                                       }});
}

result<void> running_node::open_face() {
  node_face_parts parts{.node = entry_.node,
                        .cluster = cluster_,
                        .reader = actors_->store.reader,
                        .listers = actors_->listers(),
                        .describers = actors_->describers(),
                        .orders = actors_->orders,
                        .full_auditor = actors_->full_auditor};
  face_ = spawn_node_face(sys_, std::move(parts));
  const auto port = transport_.publish(face_, config_.listen.port, config_.listen.host);
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
    caf::anon_send(cluster_, caf::update_atom_v, node_list{{entry_}}, entry_.incarnation, caf::timespan{0});
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

/// Gives everything that this node owns to the others, while it still answers what it was asked.
void running_node::hand_over(shutdown_watchdog& watchdog) {
  watchdog.enter("the hand-over");
  const auto limit = config_.shutdown_timeout / 4;
  caf::scoped_actor self{sys_};
  const auto complain = [&](const caf::error& reason) {
    log_warning("node {} could not hand over in order: {}", entry_.node, to_string(reason));
  };
  self->request(cluster_, limit, caf::leave_atom_v).receive([] {}, complain);
  if (!actors_->await_hand_over(sys_, limit))
    log_warning("node {} still holds entities that it handed over", entry_.node);
  caf::timespan moment = config_.shutdown_timeout / 10;
  std::uint64_t incarnation = entry_.incarnation;
  self->request(cluster_, moment, node_hello{{}, protocol_version})
    .receive([&](const node_welcome& now) { incarnation = now.incarnation; }, complain);
  self
    ->request(actors_->cluster_log, moment,
              node_change{cluster_event::left, entry_.node, incarnation, entry_.roles, "it was drained"})
    .receive([] {}, complain);
}

void running_node::stop(shutdown_watchdog& watchdog) {
  if (gateway_) {
    watchdog.enter("the gateway");
    gateway_->request_stop();
    gateway_->join();
    gateway_.reset();
  }
  end(watchdog, "the first admin", first_admin_);
  end(watchdog, "the keeper of keys", key_keeper_);
  first_admin_ = key_keeper_ = nullptr;
  if (membership_ && !evicted_)
    hand_over(watchdog);
  end(watchdog, "the probe of the database", store_probe_);
  scenarios_.use({});
  end(watchdog, "the fault injector", fault_injector_);
  store_probe_ = nullptr;
  fault_injector_ = nullptr;
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
  end(watchdog, "the node's control", control_);
  membership_ = nullptr;
  face_ = nullptr;
  cluster_ = nullptr;
  control_ = nullptr;
  for (const auto& watcher : watchers_)
    end(watchdog, "the readiness", watcher.sink);
  watchers_.clear();
  if (actors_)
    actors_->stop([&](const char* step, const caf::actor& who) { end(watchdog, step, who); });
  actors_.reset();
  watchdog.enter("the actor system");
}

/// At each start: nobody should get used to it.
void warn_if_open(const node_config& config) {
  if (config.chaos)
    log_warning("chaos=on: whoever reaches this node may kill it, take its database away and restart it");
  if (!config.insecure)
    return;
  std::string open = config.has(role::gateway) && !config.auth_required() ? to_string(config.http) : "";
  if (!config.tls.wanted())
    open += (open.empty() ? "" : " or ") + to_string(config.listen);
  if (open.empty())
    log_warning(
      "insecure=on: not needed, this node demands tokens, or has no gateway, and certificates of other nodes");
  else
    log_warning("insecure=on: whoever reaches {} may do everything", open);
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

int run_node(const node_config& config, const tls_credentials& credentials, server_tls https) {
  int code = 1;
  bool again = false;
  // Outlives the actor system, whose destructor waits for every actor.
  std::unique_ptr<shutdown_watchdog> watchdog;
  {
    check_descriptors(config);
    const bool reloads = https.used();
    running_node node{config, credentials, std::move(https)};
    if (auto started = node.start(); started.has_error()) {
      log_error("node {} cannot start: {}", config.node_name(), started.error().detail);
    } else {
      warn_if_open(config);
      // A member of a cluster says so once it is up.
      if (!config.on_postgresql())
        log_info("node {} serves as {}", config.node_name(), roles_to_text(config.roles));
      const std::function<void()> reload = [&node] { node.reload(); };
      log_info("{} received: node {} ends", wait_for_stop_signal(reloads ? reload : nullptr), config.node_name());
      code = node.evicted() ? 1 : 0;
      again = node.starts_again();
    }
    watchdog = std::make_unique<shutdown_watchdog>(config.shutdown_timeout);
    node.stop(*watchdog);
  }
  watchdog.reset();
  log_info("node {} has ended", config.node_name());
  if (again && code == 0) {
    log_info("node {} starts again", config.node_name());
    log_error("node {} cannot start again: {}", config.node_name(), execute_again());
    return 1;
  }
  return code;
}

} // namespace waybill
