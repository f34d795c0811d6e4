#include "domain/base/log.hpp"
#include "nodes/accounts/first_admin.hpp"
#include "nodes/accounts/key_keeper.hpp"
#include "nodes/control/fault_injection.hpp"
#include "nodes/running_node.hpp"
#include "nodes/wiring/certificates.hpp"
#include "nodes/wiring/gateway_setup.hpp"

#include <cstdio>

namespace waybill {

namespace {

/// Not through the log, which is kept and sent elsewhere.
void show_password(const std::string& email, const std::string& password) {
  std::printf("The first admin is %s with the password %s (shown this once: sign in and change it)\n", email.c_str(),
              password.c_str());
  std::fflush(stdout);
}

} // namespace

result<void> running_node::open_gateway() {
  if (config_.has(role::gateway))
    open_accounts();
  if (config_.chaos)
    fault_injector_ = supervise(spawn_fault_injector(sys_, {.node = entry_.node}, cluster_, actors_->orders));
  scenarios_.use(fault_injector_);
  if (!config_.sources.queues.empty())
    sources_ = std::make_shared<node_sources>(sys_, config_);
  gateway_ = std::make_unique<gateway>(sys_, gateway_settings(config_), services());
  if (auto started = gateway_->start(); started.has_error()) {
    gateway_.reset();
    return started.error();
  }
  announce_gateway(config_, entry_.node, gateway_->ports(), https_.used());
  if (https_.used() && config_.has(role::gateway))
    announce_https(sys_, entry_.node, https_);
  if (config_.grpc)
    if (auto opened = open_grpc(); opened.has_error())
      return opened;
  if (sources_)
    sources_->start(gateway_->calls());
  return {};
}

result<void> running_node::open_grpc() {
  auto opened = grpc_door::server::start(grpc_settings(config_), gateway_->calls());
  if (opened.has_error())
    return opened.error();
  grpc_ = std::move(*opened);
  log_info("node {} answers gRPC on {}{}", entry_.node, to_string(endpoint{config_.grpc->host, grpc_->port()}),
           https_.used() ? " (TLS)" : "");
  return {};
}

result<void> running_node::load_keys() {
  if (!config_.has(role::gateway))
    return {};
  auto loaded = load_token_keys(config_);
  if (loaded.has_error())
    return loaded.error();
  keys_->replace(std::move(*loaded));
  return {};
}

/// Who renews the keys of access tokens, and an account that can sign in.
void running_node::open_accounts() {
  key_keeper_ = supervise(spawn_key_keeper(sys_, config_, keys_));
  const auto& auth = config_.auth;
  if (!config_.auth_required() && auth.admin_email.empty())
    return;
  first_admin_settings admin{.email = auth.admin_email.empty() ? "admin@localhost" : auth.admin_email,
                             .password = auth.admin_password,
                             .show = show_password};
  admin_is_there_ = admin.is_there;
  first_admin_ = spawn_first_admin(sys_, actors_->store.reader, actors_->users, std::move(admin));
  supervisor_.watch_task(first_admin_);
}

void running_node::open_store_watch() {
  auto watched = actors_->store;
  // A node that is nothing but a gateway writes no orders: those that do have connections of their own.
  if (config_.has(role::gateway) && config_.roles.size() == 1)
    watched.journal_health.clear();
  // Without the provider's ledger no order goes on.
  const auto& ledger = actors_->ledger.journal_health;
  watched.journal_health.insert(watched.journal_health.end(), ledger.begin(), ledger.end());
  store_watch_ = std::make_shared<store_watch>(std::move(watched), config_.store_patience);
  store_probe_ =
    supervise(spawn_store_probe(sys_, actors_->store.reader, config_.readers, store_watch_, actors_->troubles));
}

gateway_services running_node::services() {
  return {.orders = actors_->orders,
          .retrying_orders = actors_->orders,
          .products = actors_->products,
          .payments = actors_->payments,
          .deliveries = actors_->deliveries,
          .couriers = actors_->couriers,
          .users = actors_->users,
          .service_keys = actors_->service_keys,
          .webhooks = actors_->webhooks,
          .bulk_actions = actors_->bulk_actions,
          .functions = actors_->functions,
          .guards = actors_->guards,
          .guard_keeper = actors_->guard_keeper,
          .sinks = actors_->event_sinks,
          .notifier = actors_->notifier,
          .reader = actors_->store.reader,
          .feed = actors_->feed,
          .node_api = node_api_,
          .tls = https_.context(),
          .keys = keys_,
          .node = entry_.node,
          .ready =
            [watch = role_watch_, admin_is_there = admin_is_there_] {
              auto missing = watch->missing();
              if (admin_is_there && !*admin_is_there)
                missing.emplace_back("the first admin");
              return readiness{missing.empty(), std::move(missing)};
            },
          .store_problem = [watch = store_watch_] { return watch->problem(); },
          .log =
            [watch = store_watch_] {
              auto delay = watch->delay();
              return log_condition{watch->log_generation(), delay.oldest_unread, delay.oldest_transaction,
                                   std::move(delay.culprit)};
            },
          .sources = sources_ ? [from = sources_] { return from->conditions(); }
                              : std::function<std::vector<source_condition>()>{},
          .write_problem = [watch = store_watch_] { return watch->write_problem(); },
          .order_at_hand = actors_->order_at_hand,
          .supervise = [this](const caf::actor& actor) { supervisor_.watch(actor); },
          .scenarios = &scenarios_,
          .tracer = actors_->tracer};
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

} // namespace waybill
