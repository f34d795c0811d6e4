#pragma once

#include "actors/accounts/user_region.hpp"
#include "actors/audit/auditor.hpp"
#include "actors/delivery/courier_dispatcher.hpp"
#include "actors/delivery/courier_region.hpp"
#include "actors/delivery/delivery_region.hpp"
#include "actors/delivery/simulated_couriers.hpp"
#include "actors/functions/function_runner.hpp"
#include "actors/order/order_region.hpp"
#include "actors/payment/http_provider.hpp"
#include "actors/payment/payment_region.hpp"
#include "actors/payment/simulated_provider.hpp"
#include "actors/sinks/sinks.hpp"
#include "actors/stock/product_region.hpp"
#include "actors/webhooks/webhooks.hpp"
#include "doors/grpc/server.hpp"
#include "doors/sources/source.hpp"
#include "gateway/config.hpp"
#include "gateway/transport/server_tls.hpp"
#include "nodes/options/membership_settings.hpp"
#include "nodes/options/role_words.hpp"
#include "nodes/process/log.hpp"
#include "outbound/http_client.hpp"
#include "persistence/journal/journal_actor.hpp"
#include "persistence/retention/retention_actor.hpp"
#include "persistence/store.hpp"
#include "tracing/tracer.hpp"
#include "transport/cluster_tls.hpp"
#include "transport/endpoint.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace waybill {

/// Whether the gateway can be used without a token.
enum class auth_mode : std::uint8_t {
  /// On loopback everybody, as the demo user; elsewhere nobody.
  automatic,
  required,
  demo
};

struct auth_settings {
  auth_mode mode = auth_mode::automatic;
  signature_algorithm algorithm = signature_algorithm::eddsa;
  /// One key, or several that verify, of which the first signs; empty: they are made and kept in the database.
  std::string keys;
  /// A key that was made here signs for so long.
  milliseconds rotation{std::chrono::hours{24 * 30}};
  /// How often the database is read for keys that other nodes made.
  milliseconds refresh{30'000};
  /// Of the first admin; without one a password is made and shown once.
  std::string admin_email;
  std::string admin_password;
};

/// The kind of the payment provider.
enum class payment_provider_kind : std::uint8_t { simulated, http };

/// Queues of message brokers from which a gateway takes orders.
struct sources_settings {
  std::vector<brokers::queue_address> queues;
  /// The service key in whose name they are placed; empty: as requests without a token.
  std::string key;
  brokers::consumer_settings consumers;
  source_door::source_settings pauses;
};

/// Everything that can be configured of a node; each part's defaults stand in its own struct.
struct node_config {
  /// Empty: made of the host's name and the port of `listen`.
  std::string name;
  std::vector<role> roles{role::gateway,  role::order,        role::payment, role::inventory,
                          role::delivery, role::notification, role::account, role::function, role::relay};
  store_config store;
  /// Zero: one for SQLite, two for PostgreSQL.
  std::uint32_t journals = 0;
  std::uint32_t readers = 2;
  /// Connections that only scan the event log, so that those who catch up hold up nobody else.
  std::uint32_t log_readers = 2;
  /// Of each journal.
  journal_settings journal;
  /// Where the gateway listens; `gateway.address` and `gateway.port` follow it.
  endpoint http{"127.0.0.1", 4000};
  gateway_config gateway;
  /// Of the gateway, towards clients.
  server_tls_settings http_tls;
  /// Where the gateway speaks gRPC, under the certificate of `http_tls`; nothing: nowhere.
  std::optional<endpoint> grpc;
  /// Its address, certificate and limit of messages follow the options of HTTP.
  grpc_door::settings grpc_limits;
  sources_settings sources;
  /// Where metrics and views of this process are served, whatever its roles.
  std::optional<endpoint> ops;
  /// `ops` may be other than a loopback address.
  bool ops_public = false;
  /// Where plain HTTP is redirected to HTTPS.
  std::optional<endpoint> http_redirect;
  endpoint listen{"127.0.0.1", 4100};
  /// Where other nodes reach this one; empty: `listen`, with the host's name for a wildcard.
  std::string advertise;
  bool insecure = false;
  /// Whether this node takes part in fault injection.
  bool chaos = false;
  /// Between nodes, and towards the shell.
  tls_settings tls;
  membership_settings membership;
  /// Threads of CAF's scheduler; zero: one per core, at least two.
  std::uint32_t workers = 0;
  /// Whether the mailbox and the time per message of each kind of actor are measured, which costs some of that time.
  bool actor_metrics = false;
  milliseconds shutdown_timeout{20'000};
  /// A read or a commit under way for longer: the gateway refuses requests until the database answers again.
  milliseconds store_patience{2'000};
  log_settings log;

  order_settings orders;
  product_settings products;
  payment_settings payments;
  delivery_settings deliveries{.pool = courier_pool_kind::mixed};
  /// Of the simulated couriers.
  courier_settings couriers;
  /// Of the real ones.
  dispatch_settings dispatch;
  courier_entity_settings courier_entities;
  account_settings accounts;
  auth_settings auth;
  payment_provider_kind payment_provider = payment_provider_kind::simulated;
  simulated_provider_settings provider;
  /// With payment_provider_kind::http; its time-out is that of `payments`.
  http_provider_settings http_provider;
  outbound::http_client_options provider_connections;
  webhook_settings webhooks;
  /// To their receivers; `webhooks.targets` replaces the targets in here.
  outbound::http_client_options webhook_connections{
    .response_timeout = milliseconds{15'000}, .total_timeout = milliseconds{20'000}, .max_body = 64U << 10U};
  sink_settings sinks;
  /// To the brokers; `sinks.targets` replaces the targets in here.
  sink_publisher_settings sink_connections;
  function_run_settings function_runs;
  auditor_settings auditor;
  retention_settings retention;
  tracing::tracer_settings traces;

  [[nodiscard]] bool has(role asked) const;
  [[nodiscard]] bool on_postgresql() const;
  /// Whether the gateway demands tokens.
  [[nodiscard]] bool auth_required() const;
  [[nodiscard]] std::uint32_t journal_count() const;
  [[nodiscard]] std::string node_name() const;
  /// What goes into the membership table.
  [[nodiscard]] std::string advertised_address() const;
  [[nodiscard]] std::string advertised_http() const;
};

/// Fails with one line that names an option that contradicts another one.
result<void> validate(const node_config& config);

/// Where values come from. `arguments` are the words after `waybill node`; `environment` holds all variables. A command
/// with options of its own, which it has taken out of `arguments`, names them, so that a slip in one can be told.
struct config_sources {
  std::vector<std::string> arguments;
  std::map<std::string, std::string> environment;
  std::vector<std::string> other_options = {};
};

config_sources sources_of_process(std::vector<std::string> arguments);

struct loaded_config {
  node_config config;
  /// The source of each option that is not at its default: `flag`, `environment` or the file's name.
  std::map<std::string, std::string> origins;
  /// Of options that were not given, and whose value is not the usual default: the option that it goes by.
  std::map<std::string, std::string> followed;

  /// For an option that was not given: has it `other`, because of what `cause` is.
  template <class Value>
  void adapt(const std::string& name, Value& value, Value other, const std::string& cause) {
    if (origins.contains(name) || value == other)
      return;
    value = other;
    followed[name] = cause;
  }
};

/// Flags before environment before file before defaults; then validate(). Fails with ec::invalid_argument and one line
/// that names the option; values of secrets are never part of it.
result<loaded_config> load_config(const config_sources& sources);

/// For programs other than a node that talk to one: the options for TLS, taken out of `arguments`, else from the
/// environment and the file that --config names. Fails as load_config does; other variables are not looked at.
result<tls_settings> take_tls_settings(config_sources& sources);

/// Every option as `name = value  # source`, or `# default, by <option>` where a default goes by another option;
/// passwords redacted.
std::string dump(const loaded_config& loaded);

/// One line per option: name, what it means, its default. Without a topic those that come first, and the topics; with
/// the name of one, or of an option, those; with `all` every one. Fails with ec::invalid_argument.
result<std::string> options_help(std::string_view topic);

/// `url` with the password of its authority or query replaced.
std::string redact_url(std::string_view url);

} // namespace waybill
