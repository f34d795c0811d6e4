#pragma once

#include "actors/regions.hpp"
#include "nodes/endpoint.hpp"
#include "nodes/log.hpp"
#include "nodes/membership_table.hpp"
#include "persistence/store.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace waybill {

/// How the gateway listens and what it bears.
struct http_settings {
  endpoint address{"127.0.0.1", 4000};
  std::uint32_t threads = 1;
  std::uint32_t max_connections = 10'000;
  /// Requests under way in all; more are answered with 503.
  std::uint32_t max_in_flight = 10'000;
  std::uint32_t max_body_bytes = 256 * 1024;
  /// Events that wait for one slow subscriber before it reads from the log again.
  std::uint32_t subscriber_queue = 1'000;
  milliseconds idle_timeout{60'000};
  milliseconds request_timeout{35'000};
};

/// The simulated couriers of a delivery node. Delays are drawn evenly between the two bounds; odds are in percent.
struct courier_settings_values {
  std::uint32_t pool_size = 8;
  milliseconds shortest_delay{50};
  milliseconds longest_delay{250};
  std::uint32_t decline_percent = 20;
  std::uint32_t abort_percent = 10;
  std::uint32_t vanish_percent = 5;
};

/// The simulated payment provider.
struct provider_settings_values {
  milliseconds shortest_delay{5};
  milliseconds longest_delay{20};
};

/// Everything that can be configured of a node; each part's defaults stand in its own struct.
struct node_config {
  /// Empty: made of the host's name and the port of `listen`.
  std::string name;
  std::vector<role> roles{role::gateway,   role::order,    role::payment,
                          role::inventory, role::delivery, role::notification};
  store_config store;
  /// Zero: one for SQLite, two for PostgreSQL.
  std::uint32_t journals = 0;
  std::uint32_t readers = 2;
  http_settings http;
  endpoint listen{"127.0.0.1", 4100};
  /// Where other nodes reach this one; empty: `listen`, with the host's name for a wildcard.
  std::string advertise;
  bool insecure = false;
  membership_settings membership;
  /// Threads of CAF's scheduler; zero: one per core, at least four.
  std::uint32_t workers = 0;
  milliseconds shutdown_timeout{20'000};
  log_settings log;

  order_settings orders;
  product_settings products;
  payment_settings payments;
  delivery_settings deliveries;
  courier_settings_values couriers;
  provider_settings_values provider;

  [[nodiscard]] bool has(role wanted) const;
  [[nodiscard]] bool on_postgresql() const;
  [[nodiscard]] std::uint32_t journal_count() const;
  [[nodiscard]] std::string node_name() const;
  /// What goes into the membership table.
  [[nodiscard]] std::string advertised_address() const;
  [[nodiscard]] std::string advertised_http() const;
};

/// What contradicts itself, in one line that names the option; nothing when all is well.
result<void> validate(const node_config& config);

/// Where values come from. `arguments` are the words after `waybill node`; `environment` holds all variables.
struct config_sources {
  std::vector<std::string> arguments;
  std::map<std::string, std::string> environment;
};

config_sources sources_of_process(std::vector<std::string> arguments);

struct loaded_config {
  node_config config;
  /// The source of each option that is not at its default: `flag`, `environment` or the file's name.
  std::map<std::string, std::string> origins;
};

/// Flags before environment before file before defaults; then validate(). Fails with ec::invalid_argument and one line
/// that names the option; values of secrets are never part of it.
result<loaded_config> load_config(const config_sources& sources);

/// Every option as `name = value  # source`, passwords redacted.
std::string dump(const loaded_config& loaded);

/// One line per option: name, what it means, its default.
std::string options_help();

/// `url` with the password of its authority or query replaced.
std::string redact_url(std::string_view url);

} // namespace waybill
