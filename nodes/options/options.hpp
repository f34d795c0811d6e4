#pragma once

#include "nodes/options/config.hpp"

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace waybill {

/// One row of the table of options: its name in flags and files, and how its text becomes a part of node_config and
/// back. The environment variable is WAYBILL_ and the name in capitals with underscores.
struct option {
  std::string_view name;
  std::string_view help;
  /// Never shown; may also be given as the name of a file, by `<name>-file`.
  bool secret = false;
  /// Answers with what the value should have been, or with an empty text when it was taken.
  std::function<std::string(node_config&, std::string_view)> set;
  std::function<std::string(const node_config&)> show;
};

/// What the environment variables of options begin with.
constexpr std::string_view variable_prefix = "WAYBILL_";

/// `WAYBILL_LOG_LEVEL` for `log-level`.
std::string variable_of(std::string_view option_name);

/// The option that names a file with the value of the secret option `row`.
std::string file_option(const option& row);

/// In the order of the help.
std::span<const option> all_options();

/// The topic of the help that an option belongs to; empty: none, which is a defect.
std::string_view topic_of(std::string_view option_name);

/// Those for HTTPS, the listener of operators, limits of callers and proxies.
std::vector<option> http_options();
/// Those for gRPC.
std::vector<option> grpc_options();

/// Those for deliveries and couriers.
std::vector<option> courier_options();
/// Those for accounts, tokens and passwords.
std::vector<option> account_options();
/// Those for the payment provider over HTTP.
std::vector<option> payment_options();
/// Those for webhooks and sinks.
std::vector<option> webhook_options();
/// Those for sources.
std::vector<option> source_options();
/// The part of validate() that is about them.
result<void> validate_payments(const node_config& config);

/// Those for the removal of old events.
std::vector<option> retention_options();
/// The part of validate() that is about them.
result<void> validate_retention(const node_config& config);

/// Those for TLS between nodes, which the shell takes too.
std::vector<option> tls_options();

/// People are slower than simulated couriers: with them, times that were not given get other defaults.
void apply_courier_defaults(loaded_config& loaded);

/// When `order-deliver-deadline` was not given, it leaves room for the search for a courier and for an attempt of one
/// who keeps to the times that were. When it was, and `delivery-find-within` was not, the search ends before it.
void apply_delivery_defaults(loaded_config& loaded);

/// When `order-request-timeout` was not given, a request fits into the shortest step.
void apply_request_defaults(loaded_config& loaded);

/// Refuses times that contradict each other when one of them was given, whether the other one was or is at its default.
/// Fails with ec::invalid_argument.
result<void> validate_order_times(const loaded_config& loaded);

} // namespace waybill
