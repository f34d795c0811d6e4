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
      started.stop([](const char*, const caf::actor& who) { caf::anon_send_exit(who, caf::exit_reason::kill); });
      return ledger.error();
    }
    started.ledger = std::move(*ledger);
  }
  if (auto opened = started.open_clients(config); opened.has_error()) {
    started.stop([](const char*, const caf::actor& who) { caf::anon_send_exit(who, caf::exit_reason::kill); });
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

void node_actors::spawn_retention_of(caf::actor_system& sys, const node_config& config) {
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

void node_actors::spawn(caf::actor_system& sys, const node_config& config,
                        const std::shared_ptr<const serving_lease>& lease) {
  entity_services services;
  services.node = config.node_name();
  services.journals = store.journals;
  services.reader = store.reader;
  services.lease = lease;
  // Of a node that is alone there is nothing to tell.
  if (lease)
    cluster_log = spawn_cluster_log(sys, services);
  if (config.has(role::payment))
    spawn_provider(sys, config);
  if (config.has(role::delivery))
    courier_pool = config.deliveries.real_couriers ? spawn_courier_dispatcher(sys, services, config.dispatch)
                                                   : spawn_courier_pool(sys, config.couriers);
  std::shared_ptr<order_cache> board;
  // Readers of other processes do not see it.
  if (config.has(role::order) && config.has(role::gateway)) {
    board = std::make_shared<order_cache>(lease);
    order_at_hand = [board](const get_order& query) { return board->find(query); };
  }
  orders = spawn_order_region(sys, services, config.orders, board);
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
  // The books of a provider elsewhere are not at hand.
  std::optional<store_config> books;
  if (config.payment_provider == payment_provider_kind::simulated)
    books = ledger_store(config.store);
  const auto make_checker = [&sys, own = config.store, books] { return spawn_audit_checker(sys, own, books); };
  if (config.has(role::notification) && config.auditor.enabled) {
    audit_checker = make_checker();
    auditor = spawn_auditor(sys, services, audit_checker, config.auditor);
  }
  full_auditor = spawn_full_auditor(sys, make_checker);
  if (config.has(role::notification) && config.retention.enabled())
    spawn_retention_of(sys, config);
  store.listeners->subscribe(feed);
  store.listeners->subscribe(notifier);

  const region_handles regions{pointer(orders), pointer(products), pointer(payments), pointer(deliveries),
                               pointer(couriers)};
  caf::anon_send(orders, regions);
  caf::anon_send(products, regions);
  caf::anon_send(payments, regions);
  caf::anon_send(deliveries, regions);
  caf::anon_send(couriers, regions);
  if (courier_pool)
    caf::anon_send(courier_pool, regions);
}

std::vector<role_region> node_actors::own_regions() const {
  std::vector<role_region> own;
  const auto add = [&](role kind, const auto& region, role_part part = role_part::main) {
    if (std::ranges::find(roles_, kind) != roles_.end())
      own.push_back({kind, pointer(region), part});
  };
  add(role::order, orders);
  add(role::inventory, products);
  add(role::payment, payments);
  add(role::delivery, deliveries);
  add(role::delivery, couriers, role_part::couriers);
  add(role::notification, notifier);
  add(role::account, users);
  add(role::notification, webhooks, role_part::webhooks);
  return own;
}

std::vector<local_sink> node_actors::sinks() const {
  std::vector<local_sink> all{{role::order, orders},        {role::inventory, products},    {role::payment, payments},
                              {role::delivery, deliveries}, {role::notification, notifier}, {role::account, users}};
  all.push_back({role::delivery, couriers, role_part::couriers});
  all.push_back({role::notification, webhooks, role_part::webhooks});
  // The auditor has no role of its own: it lives where notifications are made.
  if (auditor)
    all.push_back({role::notification, auditor});
  if (retention)
    all.push_back({role::notification, retention});
  return all;
}

std::map<std::string, lister_actor> node_actors::listers() const {
  return {{"order", orders},     {"product", products}, {"payment", payments}, {"delivery", deliveries},
          {"courier", couriers}, {"user", users},       {"webhook", webhooks}};
}

std::map<std::string, describer_actor> node_actors::describers() const {
  return {{"order", orders},     {"product", products}, {"payment", payments}, {"delivery", deliveries},
          {"courier", couriers}, {"user", users},       {"webhook", webhooks}};
}

bool node_actors::await_hand_over(caf::actor_system& sys, milliseconds limit) const {
  using handing_over = caf::typed_actor<caf::result<void>(finish_hand_over)>;
  const auto deadline = std::chrono::steady_clock::now() + limit;
  caf::scoped_actor self{sys};
  bool all = true;
  for (const handing_over& region :
       {handing_over{orders}, handing_over{products}, handing_over{payments}, handing_over{deliveries},
        handing_over{couriers}, handing_over{users}, handing_over{webhooks}}) {
    const auto left = std::chrono::duration_cast<milliseconds>(deadline - std::chrono::steady_clock::now());
    self->request(region, std::max(left, milliseconds{1}), finish_hand_over{})
      .receive([] {}, [&](const caf::error&) { all = false; });
  }
  return all;
}

void node_actors::stop(const std::function<void(const char*, const caf::actor&)>& end) {
  for (const auto& opened : {store, ledger})
    if (opened.listeners)
      opened.listeners->close();
  const auto end_one = [&](const char* step, auto& handle) {
    if (handle)
      end(step, caf::actor_cast<caf::actor>(handle));
    handle = nullptr;
  };
  end_one("the removal of old events", retention);
  end_one("the auditor", auditor);
  end_one("the full audit", full_auditor);
  end_one("the auditor's reader", audit_checker);
  end_one("the log of the cluster", cluster_log);
  end_one("the notifier", notifier);
  end_one("the webhook region", webhooks);
  end_one("the sender of webhooks", webhook_sender);
  if (webhook_client)
    webhook_client->stop();
  webhook_client = nullptr;
  end_one("the event feed", feed);
  end_one("the service keys", service_keys);
  end_one("the user region", users);
  end_one("the password hasher", hasher);
  end_one("the order region", orders);
  end_one("the delivery region", deliveries);
  end_one("the courier region", couriers);
  end_one("the courier pool", courier_pool);
  end_one("the payment region", payments);
  end_one("the product region", products);
  end_one("the payment provider", provider);
  if (provider_client)
    provider_client->stop();
  provider_client = nullptr;
  for (auto* opened : {&store, &ledger}) {
    for (auto& journal : opened->journals)
      end_one("a journal", journal);
    end_one("the readers", opened->reader);
    *opened = {};
  }
}

} // namespace waybill
