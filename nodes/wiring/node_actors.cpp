#include "nodes/wiring/node_actors.hpp"

#include "actors/accounts/service_keys.hpp"
#include "actors/delivery/courier_dispatcher.hpp"
#include "actors/feed/event_feed.hpp"
#include "actors/order/order_cache.hpp"
#include "messages/journal/event_json.hpp"
#include "nodes/wiring/log_followers.hpp"
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
                                       const std::shared_ptr<const serving_lease>& lease) {
  node_actors started;
  started.roles_ = config.roles;
  auto store = open_storage(sys, config.store, config.node_name(), config.journal_count(), config.readers);
  if (store.has_error())
    return store.error();
  started.store = std::move(*store);
  if (config.has(role::payment) && config.payment_provider == payment_provider_kind::simulated) {
    auto ledger = open_storage(sys, ledger_store(config.store), config.node_name(), 1, 1);
    if (ledger.has_error()) {
      started.stop(
        [](const std::string&, const caf::actor& actor) { caf::anon_send_exit(actor, caf::exit_reason::kill); });
      return ledger.error();
    }
    started.ledger = std::move(*ledger);
  }
  if (auto opened = started.open_clients(config); opened.has_error()) {
    started.stop(
      [](const std::string&, const caf::actor& actor) { caf::anon_send_exit(actor, caf::exit_reason::kill); });
    return opened.error();
  }
  started.spawn(sys, config, lease);
  return started;
}

result<void> node_actors::open_clients(const node_config& config) {
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
    provider = spawn_simulated_provider(sys, config.provider, ledger.journals.front(), ledger.reader);
    return;
  }
  auto settings = config.http_provider;
  settings.timeout = config.payments.provider_timeout;
  provider = spawn_http_provider(sys, settings, provider_client);
}

void node_actors::spawn_log_retention(caf::actor_system& sys, const node_config& config) {
  retention_parts parts;
  parts.trimmer = open_log_trimmer(config.store, config.retention.limits);
  parts.reader = open_query_store(config.store);
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
  auto keeper = std::make_unique<presence_keeper>(open_presence_table(config.store), std::move(settings), time);
  static_cast<void>(keeper->look());
  presence = spawn_presence_keeper(sys, std::move(keeper));
}

void node_actors::spawn(caf::actor_system& sys, const node_config& config,
                        const std::shared_ptr<const serving_lease>& lease) {
  entity_services services;
  services.node = config.node_name();
  services.journals = store.journals;
  services.reader = store.reader;
  services.lease = lease;
  keep_time(sys, config, lease);
  services.time = time;
  services.clock = [shared = time] { return shared->now(); };
  // A node that is alone has nothing to report.
  if (lease)
    cluster_log = spawn_cluster_log(sys, services);
  if (config.has(role::payment))
    spawn_provider(sys, config);
  if (config.has(role::delivery))
    courier_pool = config.deliveries.real_couriers ? spawn_courier_dispatcher(sys, services, config.dispatch)
                                                   : spawn_courier_pool(sys, config.couriers);
  std::shared_ptr<order_cache> cache;
  // Readers of other processes do not see it.
  if (config.has(role::order) && config.has(role::gateway)) {
    cache = std::make_shared<order_cache>(lease);
    order_at_hand = [cache](const get_order& query) { return cache->find(query); };
  }
  orders = spawn_order_region(sys, services, config.orders, cache);
  products = spawn_product_region(sys, services, config.products);
  payments = spawn_payment_region(sys, services, config.payments, provider);
  deliveries = spawn_delivery_region(sys, services, config.deliveries, courier_pool);
  couriers = spawn_courier_region(sys, services, config.courier_entities, courier_pool);
  if (config.has(role::account))
    hasher = spawn_password_hasher(sys, config.accounts.hashing);
  users = spawn_user_region(sys, services, config.accounts, hasher);
  if (config.has(role::gateway))
    service_keys = spawn_service_keys(sys, services);
  notifier = spawn_notifier(sys, services, {});
  feed = spawn_event_feed(sys, {}, store.reader);
  if (webhook_client)
    webhook_sender = spawn_webhook_sender(sys, webhook_client);
  webhooks = spawn_webhook_region(sys, services, config.webhooks, feed, webhook_sender);
  spawn_auditors(sys, config, services);
  if (config.has(role::notification) && config.retention.enabled())
    spawn_log_retention(sys, config);
  store.listeners->subscribe(feed);
  store.listeners->subscribe(notifier);
  connect_regions();
}

void node_actors::spawn_auditors(caf::actor_system& sys, const node_config& config, const entity_services& services) {
  // The ledger of a provider elsewhere cannot be read.
  std::optional<store_config> provider_ledger;
  if (config.payment_provider == payment_provider_kind::simulated)
    provider_ledger = ledger_store(config.store);
  const auto make_checker = [&sys, own = config.store, provider_ledger] {
    return spawn_audit_checker(sys, own, provider_ledger);
  };
  if (config.has(role::notification) && config.auditor.enabled) {
    audit_checker = make_checker();
    auditor = spawn_auditor(sys, services, audit_checker, config.auditor);
  }
  full_auditor = spawn_full_auditor(sys, make_checker);
}

std::array<entity_region, entity_types.size()> node_actors::regions() const {
  return {{
    {entity_kind::webhook, role::notification, role_part::webhooks, webhooks},
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

void node_actors::stop(const std::function<void(const std::string&, const caf::actor&)>& end) {
  for (const auto& opened : {store, ledger})
    if (opened.listeners)
      opened.listeners->close();
  const auto end_actor = [&](const std::string& step, const auto& handle) {
    if (handle)
      end(step, caf::actor_cast<caf::actor>(handle));
  };
  end_actor("the keeper of the time", presence);
  end_actor("the removal of old events", retention);
  end_actor("the auditor", auditor);
  end_actor("the full audit", full_auditor);
  end_actor("the auditor's reader", audit_checker);
  end_actor("the log of the cluster", cluster_log);
  end_actor("the notifier", notifier);
  for (const auto& row : regions())
    end_actor("the " + std::string{type_name_of(row.kind)} + " region", row.region);
  end_actor("the sender of webhooks", webhook_sender);
  end_actor("the event feed", feed);
  end_actor("the service keys", service_keys);
  end_actor("the password hasher", hasher);
  end_actor("the courier pool", courier_pool);
  end_actor("the payment provider", provider);
  for (const auto& client : {webhook_client, provider_client})
    if (client)
      client->stop();
  for (const auto& opened : {store, ledger}) {
    for (const auto& journal : opened.journals)
      end_actor("a journal", journal);
    end_actor("the readers", opened.reader);
  }
}

} // namespace waybill
