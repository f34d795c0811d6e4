#include "nodes/wiring/node_actors.hpp"

#include "actors/accounts/service_keys.hpp"
#include "actors/bulk/bulk_action_region.hpp"
#include "actors/delivery/courier_dispatcher.hpp"
#include "actors/feed/event_feed.hpp"
#include "actors/functions/function_region.hpp"
#include "actors/functions/function_runner.hpp"
#include "actors/functions/guard_keeper.hpp"
#include "actors/order/order_cache.hpp"
#include "messages/journal/event_json.hpp"
#include "nodes/wiring/log_followers.hpp"
#include "nodes/wiring/tracing.hpp"
#include "persistence/audit/audit_checker.hpp"

#include <caf/actor_cast.hpp>
#include <caf/actor_system.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

#include <algorithm>

namespace waybill {

namespace {

template <class Handle>
caf::strong_actor_ptr pointer(const Handle& handle) {
  return caf::actor_cast<caf::strong_actor_ptr>(handle);
}

} // namespace

result<node_actors> node_actors::start(caf::actor_system& sys, const node_config& config,
                                       const std::shared_ptr<const serving_lease>& lease, supervisor& watch,
                                       const std::function<result<void>()>& before_first) {
  node_actors started;
  started.roles_ = config.roles;
  // The supervisor outlives the actors.
  const supervise_actor supervise = [&watch](const caf::actor& actor) { watch.watch(actor); };
  auto opened = started.open_stores(sys, config, supervise);
  if (opened.has_value())
    opened = started.open_clients(sys, config);
  if (opened.has_value())
    opened = before_first();
  if (opened.has_error()) {
    watch.release();
    started.stop(
      [](const std::string&, const caf::actor& actor) { caf::anon_send_exit(actor, caf::exit_reason::kill); });
    return opened.error();
  }
  started.spawn(sys, config, lease, supervise);
  for (const auto& member : started.in_order_of_end())
    supervise(member.actor);
  started.connect_regions();
  return started;
}

result<void> node_actors::open_stores(caf::actor_system& sys, const node_config& config,
                                      const supervise_actor& supervise) {
  auto opened = open_storage(sys, config.store, config.node_name(),
                             {config.journal_count(), config.readers, config.log_readers}, config.journal, supervise);
  if (opened.has_error())
    return opened.error();
  store = std::move(*opened);
  if (!config.has(role::payment) || config.payment_provider != payment_provider_kind::simulated)
    return {};
  opened = open_storage(sys, ledger_store(config.store), config.node_name(), {1, 1, 0}, config.journal, supervise);
  if (opened.has_error())
    return opened.error();
  ledger = std::move(*opened);
  return {};
}

result<void> node_actors::open_clients(caf::actor_system& sys, const node_config& config) {
  auto traces = start_tracer(sys, config);
  if (traces.has_error())
    return failure{traces.error().code, "trace-endpoint: " + traces.error().detail};
  tracer = std::move(*traces);
  if (config.has(role::payment) && config.payment_provider == payment_provider_kind::http) {
    auto client = outbound::http_client::make(config.provider_connections);
    if (client.has_error())
      return failure{client.error().code, "payment-ca: " + client.error().detail};
    provider_client = std::move(*client);
  }
  if (config.has(role::notification)) {
    auto options = config.webhook_connections;
    options.targets = config.webhooks.targets;
    options.max_connections_per_host = config.webhooks.max_in_flight;
    auto client = outbound::http_client::make(std::move(options));
    if (client.has_error())
      return failure{client.error().code, "webhook-ca: " + client.error().detail};
    webhook_client = std::move(*client);
  }
  return {};
}

void node_actors::spawn_provider(caf::actor_system& sys, const node_config& config) {
  if (!provider_client) {
    provider = spawn_simulated_provider(sys, config.provider, ledger.journals.front(), ledger.reader,
                                        [watch = ledger.watch] { return watch->generation(); });
    return;
  }
  auto settings = config.http_provider;
  settings.timeout = config.payments.provider_timeout;
  provider = spawn_http_provider(sys, settings, provider_client, tracer, troubles);
}

void node_actors::spawn_couriers(caf::actor_system& sys, const node_config& config, const entity_services& services,
                                 const supervise_actor& supervise) {
  switch (config.deliveries.pool) {
    case courier_pool_kind::simulated: courier_pool = spawn_courier_pool(sys, config.couriers, supervise); break;
    case courier_pool_kind::real: courier_pool = spawn_courier_dispatcher(sys, services, config.dispatch); break;
    case courier_pool_kind::mixed:
      simulated_couriers = spawn_courier_pool(sys, config.couriers, supervise);
      courier_pool = spawn_courier_dispatcher(sys, services, config.dispatch, simulated_couriers);
      break;
  }
}

store_config node_actors::own_store(const node_config& config) const {
  auto own = config.store;
  own.watch = store.watch;
  return own;
}

void node_actors::spawn_log_retention(caf::actor_system& sys, const node_config& config) {
  retention_parts parts;
  parts.trimmer = open_log_trimmer(own_store(config), config.retention.limits);
  parts.reader = open_query_store(own_store(config));
  parts.followers = durable_log_followers(config);
  if (!config.retention.archive.empty())
    parts.archive =
      std::make_unique<event_archive>(config.retention.archive, config.node_name(), [](const stored_event& event) {
        std::string text;
        append_event_json(text, event);
        return text;
      });
  retention = spawn_retention(sys, std::move(parts), config.retention);
}

/// The first look comes before anything is loaded: what was missed while the node was down is known then.
void node_actors::keep_time(caf::actor_system& sys, const node_config& config,
                            const std::shared_ptr<const serving_lease>& lease) {
  presence_keeper_settings settings{.roles = config.roles};
  if (lease)
    settings.serves = [lease] { return lease->holds(); };
  time = std::make_shared<cluster_time>(settings.fresh_for);
  auto keeper = std::make_unique<presence_keeper>(open_presence_table(own_store(config)), std::move(settings), time);
  static_cast<void>(keeper->look());
  presence = spawn_presence_keeper(sys, std::move(keeper));
}

void node_actors::spawn(caf::actor_system& sys, const node_config& config,
                        const std::shared_ptr<const serving_lease>& lease, const supervise_actor& supervise) {
  entity_services services;
  services.node = config.node_name();
  services.journals = store.journals;
  services.sequence = store.sequence;
  services.reader = store.reader;
  services.log_generation = [watch = store.watch] { return watch->generation(); };
  services.lease = lease;
  keep_time(sys, config, lease);
  services.time = time;
  services.troubles = troubles;
  services.tap = tap;
  services.clock = [shared = time] { return shared->now(); };
  services.tracer = tracer;
  cluster_log = spawn_cluster_log(sys, services);
  if (config.has(role::payment))
    spawn_provider(sys, config);
  if (config.has(role::delivery))
    spawn_couriers(sys, config, services, supervise);
  std::shared_ptr<order_cache> cache;
  // Readers of other processes do not see it.
  if (config.has(role::order) && config.has(role::gateway)) {
    cache = std::make_shared<order_cache>(lease);
    order_at_hand = [cache](const get_order& query) { return cache->find(query); };
  }
  auto order_settings = config.orders;
  order_settings.real_couriers = config.deliveries.pool != courier_pool_kind::simulated;
  orders = spawn_order_region(sys, services, order_settings, cache);
  products = spawn_product_region(sys, services, config.products);
  payments = spawn_payment_region(sys, services, config.payments, provider);
  auto delivery_settings = config.deliveries;
  delivery_settings.remind_for = config.couriers.longest_delay + delivery_settings.region.nap;
  deliveries = spawn_delivery_region(sys, services, delivery_settings, courier_pool);
  bulk_actions = spawn_bulk_action_region(sys, services, {.limits = config.orders.limits});
  couriers = spawn_courier_region(sys, services, config.courier_entities, courier_pool);
  if (config.has(role::account))
    hasher = spawn_password_hasher(sys, config.accounts.hashing, supervise);
  users = spawn_user_region(sys, services, config.accounts, hasher);
  if (config.has(role::gateway))
    service_keys = spawn_service_keys(sys, services);
  notifier = spawn_notifier(sys, services, {});
  // One of the connections stays for what is new.
  feed = spawn_event_feed(sys, {.catch_up_reads = std::max<std::size_t>(config.log_readers, 2) - 1}, store.reader);
  if (webhook_client)
    webhook_sender = spawn_webhook_sender(sys, webhook_client, tracer);
  webhooks = spawn_webhook_region(sys, services, config.webhooks, feed, webhook_sender);
  if (config.has(role::function))
    function_runner = spawn_function_runner(sys, config.function_runs, supervise);
  function_settings owned_functions;
  // A function does not leave the memory while a call waits or runs.
  auto& idle = owned_functions.region.idle_timeout;
  idle = std::max(idle, 2 * (config.function_runs.patience + config.function_runs.limits.time));
  functions = spawn_function_region(sys, services, owned_functions, function_runner, feed);
  if (config.has(role::gateway)) {
    guards = std::make_shared<order_guards>();
    guard_keeper = spawn_guard_keeper(sys, {}, store.reader, guards);
  }
  spawn_sinks(sys, config, services);
  spawn_auditors(sys, config, services);
  if (config.has(role::notification) && config.retention.enabled())
    spawn_log_retention(sys, config);
  store.listeners->subscribe(feed);
  store.listeners->subscribe(notifier);
}

void node_actors::spawn_sinks(caf::actor_system& sys, const node_config& config, const entity_services& services) {
  const auto& settings = config.sinks;
  if (config.has(role::relay)) {
    auto publishing = config.sink_connections;
    publishing.connections.targets = settings.targets;
    sink_publisher = spawn_sink_publisher(sys, publishing);
  }
  event_sinks = spawn_sink_region(sys, services, settings, feed, sink_publisher);
}

void node_actors::spawn_auditors(caf::actor_system& sys, const node_config& config, const entity_services& services) {
  // The ledger of a provider elsewhere cannot be read.
  std::optional<store_config> provider_ledger;
  if (config.payment_provider == payment_provider_kind::simulated)
    provider_ledger = ledger_store(config.store);
  const auto make_checker = [&sys, own = own_store(config), provider_ledger] {
    return spawn_audit_checker(sys, own, provider_ledger);
  };
  if (config.has(role::notification) && config.auditor.enabled) {
    audit_checker = make_checker();
    auto settings = config.auditor;
    settings.unread_age = [watch = store.watch] { return watch->delay().oldest_unread; };
    auditor = spawn_auditor(sys, services, audit_checker, settings);
  }
  full_auditor = spawn_full_auditor(sys, make_checker);
  if (config.has(role::notification))
    order_watch = spawn_order_watch(sys, store.reader);
}

std::array<entity_region, entity_types.size()> node_actors::regions() const {
  return {{
    {entity_kind::bulk_action, role::order, role_part::bulk_actions, bulk_actions},
    {entity_kind::webhook, role::notification, role_part::webhooks, webhooks},
    {entity_kind::function, role::function, role_part::main, functions},
    {entity_kind::sink, role::relay, role_part::main, event_sinks},
    {entity_kind::user, role::account, role_part::main, users},
    {entity_kind::order, role::order, role_part::main, orders, &region_handles::orders},
    {entity_kind::delivery, role::delivery, role_part::main, deliveries, &region_handles::deliveries},
    {entity_kind::courier, role::delivery, role_part::couriers, couriers, &region_handles::couriers},
    {entity_kind::payment, role::payment, role_part::main, payments, &region_handles::payments},
    {entity_kind::product, role::inventory, role_part::main, products, &region_handles::products},
  }};
}

void node_actors::connect_regions() {
  region_handles handles;
  for (const auto& row : regions())
    if (row.handle != nullptr)
      handles.*row.handle = pointer(row.region);
  for (const auto& row : regions())
    if (row.handle != nullptr)
      caf::anon_send(caf::actor_cast<caf::actor>(row.region), handles);
  caf::anon_send(bulk_actions, handles);
  if (courier_pool)
    caf::anon_send(courier_pool, handles);
}

std::map<std::string, entity_region_actor> node_actors::regions_by_name() const {
  std::map<std::string, entity_region_actor> all;
  for (const auto& row : regions())
    all.emplace(type_name_of(row.kind), row.region);
  return all;
}

std::vector<role_region> node_actors::own_regions() const {
  std::vector<role_region> own;
  const auto add = [&](role kind, const auto& region, role_part part) {
    if (std::ranges::find(roles_, kind) != roles_.end())
      own.push_back({kind, pointer(region), part});
  };
  for (const auto& row : regions())
    add(row.role, row.region, row.part);
  add(role::notification, notifier, role_part::main);
  return own;
}

std::vector<local_sink> node_actors::sinks() const {
  std::vector<local_sink> all;
  for (const auto& row : regions())
    all.push_back({row.role, row.region, row.part});
  all.push_back({role::notification, notifier});
  // These have no role of their own: they live where notifications are made.
  if (auditor)
    all.push_back({role::notification, auditor});
  if (retention)
    all.push_back({role::notification, retention});
  return all;
}

bool node_actors::await_hand_over(caf::actor_system& sys, milliseconds limit) const {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  caf::scoped_actor self{sys};
  bool all = true;
  for (const auto& row : regions()) {
    const auto left = std::chrono::duration_cast<milliseconds>(deadline - std::chrono::steady_clock::now());
    self->request(row.region, std::max(left, milliseconds{1}), finish_hand_over{})
      .receive([] {}, [&](const caf::error&) { all = false; });
  }
  return all;
}

std::vector<node_actors::named_actor> node_actors::in_order_of_end() const {
  std::vector<named_actor> all;
  const auto add = [&all](std::string name, const auto& handle) {
    if (handle)
      all.push_back({std::move(name), caf::actor_cast<caf::actor>(handle)});
  };
  add("the keeper of the time", presence);
  add("the removal of old events", retention);
  add("the watch of orders", order_watch);
  add("the auditor", auditor);
  add("the full audit", full_auditor);
  add("the auditor's reader", audit_checker);
  add("the log of the cluster", cluster_log);
  add("the notifier", notifier);
  for (const auto& row : regions())
    add("the " + std::string{type_name_of(row.kind)} + " region", row.region);
  add("the sender of webhooks", webhook_sender);
  add("the runner of functions", function_runner);
  add("the keeper of the guards", guard_keeper);
  add("the publisher of sinks", sink_publisher);
  add("the event feed", feed);
  add("the service keys", service_keys);
  add("the password hasher", hasher);
  add("the courier pool", courier_pool);
  add("the simulated couriers", simulated_couriers);
  add("the payment provider", provider);
  for (const auto& opened : {store, ledger}) {
    for (const auto& journal : opened.journals)
      add("a journal", journal);
    add("the readers", opened.reader);
  }
  return all;
}

void node_actors::stop(const std::function<void(const std::string&, const caf::actor&)>& end) {
  for (const auto& opened : {store, ledger})
    if (opened.listeners)
      opened.listeners->close();
  for (const auto& member : in_order_of_end())
    end(member.name, member.actor);
  for (const auto& client : {webhook_client, provider_client})
    if (client)
      client->stop();
  if (tracer)
    tracer->stop();
}

} // namespace waybill
