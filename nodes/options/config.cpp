#include "nodes/options/config.hpp"

#include "auth/token_keys.hpp"
#include "domain/base/errors.hpp"
#include "gateway/limits/client_address.hpp"
#include "gateway/trusted_proxies.hpp"
#include "nodes/options/options.hpp"

#include <boost/program_options/errors.hpp>
#include <boost/program_options/options_description.hpp>
#include <boost/program_options/parsers.hpp>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <set>
#include <thread>
#include <unistd.h>

extern char** environ;

namespace waybill {

namespace po = boost::program_options;

namespace {

/// Variables with our prefix that are not options: those of the scripts and tests, and those that Kubernetes sets in
/// every container when there is a service named `waybill`.
constexpr std::string_view foreign_variables[] = {"WAYBILL_CAF_",     "WAYBILL_TEST_", "WAYBILL_BENCH_",
                                                  "WAYBILL_SERVICE_", "WAYBILL_PORT",  "WAYBILL_TOKEN"};

/// The values that one source gives, by the name of the option.
using layer = std::map<std::string, std::string, std::less<>>;

failure invalid(std::string detail) {
  return {ec::invalid_argument, std::move(detail)};
}

/// Every name that a value can be given to, by its environment variable.
const layer& names_by_variable() {
  static const auto names = [] {
    layer all{{variable_of("config"), "config"}};
    for (const auto& row : all_options()) {
      all.emplace(variable_of(row.name), row.name);
      if (row.secret)
        all.emplace(variable_of(file_option(row)), file_option(row));
    }
    return all;
  }();
  return names;
}

bool is_known(const std::string& name) {
  static const auto names = [] {
    std::set<std::string, std::less<>> all;
    for (const auto& [variable, known] : names_by_variable())
      all.insert(known);
    return all;
  }();
  return names.contains(name);
}

/// Puts a value into its layer. Names are compared here and not by Boost: what Boost itself says of an unknown one
/// never ends when that holds a placeholder of its messages, such as `%original_token%`.
result<void> take(layer& values, const std::string& source, const std::string& name, std::string value) {
  if (!is_known(name))
    return invalid(source + ": unrecognised option '" + name + "'");
  if (!values.emplace(name, std::move(value)).second)
    return invalid(source + ": " + name + " is given twice");
  return {};
}

/// `--name=value` or `--name value`. The value is never part of what is said: it may be a secret.
result<layer> read_flags(const std::vector<std::string>& arguments) {
  layer values;
  for (auto word = arguments.begin(); word != arguments.end(); ++word) {
    if (!word->starts_with("--"))
      return invalid("flag: unexpected argument '" + *word + "'");
    const auto equals = std::min(word->find('='), word->size());
    const auto name = word->substr(2, equals - 2);
    const bool apart = equals == word->size() && std::next(word) != arguments.end();
    auto value = apart ? *std::next(word) : word->substr(std::min(equals + 1, word->size()));
    if (is_known(name) && !apart && value.empty())
      return invalid("flag: there is no value for --" + name);
    if (auto taken = take(values, "flag", name, std::move(value)); taken.has_error())
      return taken.error();
    if (apart)
      ++word;
  }
  return values;
}

result<layer> read_file(const std::string& path) {
  std::ifstream file{path};
  if (!file)
    return invalid("config: the file " + path + " cannot be read");
  try {
    layer values;
    for (const auto& item : po::parse_config_file(file, po::options_description{}, true).options)
      if (auto taken = take(values, path, item.string_key, item.value.empty() ? "" : item.value.front());
          taken.has_error())
        return taken.error();
    return values;
  } catch (const po::error&) {
    return invalid(path + ": a line is no `name = value`");
  }
}

result<layer> read_environment(const std::map<std::string, std::string>& environment) {
  layer values;
  const auto& names = names_by_variable();
  for (auto one = environment.lower_bound(std::string{variable_prefix});
       one != environment.end() && one->first.starts_with(variable_prefix); ++one) {
    const auto& variable = one->first;
    if (std::ranges::any_of(foreign_variables, [&](auto prefix) { return variable.starts_with(prefix); }))
      continue;
    const auto known = names.find(variable);
    if (known == names.end())
      return invalid("environment: unknown variable " + variable);
    values.emplace(known->second, one->second);
  }
  return values;
}

result<std::string> read_secret(const std::string& name, const std::string& path) {
  std::ifstream file{path};
  if (!file)
    return invalid(name + ": the file " + path + " cannot be read");
  std::string text{std::istreambuf_iterator<char>{file}, {}};
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r'))
    text.pop_back();
  if (text.empty())
    return invalid(name + ": the file " + path + " is empty");
  return text;
}

/// Puts the values of one source over those that are there.
result<void> apply_layer(loaded_config& loaded, layer values, const std::string& source) {
  if (values.empty())
    return {};
  for (const auto& row : all_options()) {
    auto given = values.find(row.name);
    const auto name = [&] { return std::string{row.name}; };
    if (auto file = row.secret ? values.find(file_option(row)) : values.end(); file != values.end()) {
      if (given != values.end())
        return invalid(source + ": both " + name() + " and " + file->first + " are given");
      auto secret = read_secret(file->first, file->second);
      if (secret.has_error())
        return secret.error();
      given = values.emplace(row.name, std::move(*secret)).first;
    }
    if (given == values.end())
      continue;
    if (const auto wanted = row.set(loaded.config, given->second); !wanted.empty())
      return invalid(source + ": bad value " + (row.secret ? "(not shown)" : "'" + given->second + "'") + " for "
                     + name() + ": it must be " + wanted);
    loaded.origins.insert_or_assign(name(), source);
  }
  return {};
}

std::string host_name() {
  char buffer[256] = {};
  if (::gethostname(buffer, sizeof buffer - 1) != 0 || buffer[0] == '\0')
    return "localhost";
  return buffer;
}

std::string reachable_text(const endpoint& where) {
  return to_string(is_wildcard(where) ? endpoint{host_name(), where.port} : where);
}

} // namespace

bool node_config::has(role wanted) const {
  return std::ranges::find(roles, wanted) != roles.end();
}

bool node_config::on_postgresql() const {
  return !store.url.starts_with("sqlite:");
}

bool node_config::auth_required() const {
  return auth.mode == auth_mode::required || (auth.mode == auth_mode::automatic && !is_loopback(http));
}

std::uint32_t node_config::journal_count() const {
  // Where there are few cores, two connections only make smaller batches of the same appends.
  constexpr std::uint32_t cores_each = 4;
  if (journals != 0 || !on_postgresql())
    return std::max(journals, 1U);
  return std::max(std::thread::hardware_concurrency() / cores_each, 1U);
}

std::string node_config::node_name() const {
  return name.empty() ? host_name() + ':' + std::to_string(listen.port) : name;
}

std::string node_config::advertised_address() const {
  return advertise.empty() ? reachable_text(listen) : advertise;
}

std::string node_config::advertised_http() const {
  return has(role::gateway) ? reachable_text(http) : std::string{};
}

namespace {

/// What the gateway is told about TLS, proxies and operators.
result<void> validate_http(const node_config& config) {
  if (auto wrong = config.http_tls.validate(); !wrong.empty())
    return invalid(std::move(wrong));
  if (config.http_redirect && !config.http_tls.wanted())
    return invalid("http-redirect: there is no HTTPS to redirect to; that needs http-tls-certificate and http-tls-key");
  if (config.ops && !config.ops_public && !is_loopback(*config.ops))
    return invalid(
      "ops: " + to_string(*config.ops)
      + " is no loopback address: whoever reaches it sees the inside of this node; that needs ops-public=on");
  if (config.ops && config.ops->port != 0 && (*config.ops == config.http || *config.ops == config.listen))
    return invalid("ops: it is the same address as http or listen");
  if (config.http_redirect && config.http_redirect->port != 0
      && (*config.http_redirect == config.http || config.http_redirect == config.ops))
    return invalid("http-redirect: it is the same address as http or ops");
  http::trusted_proxies networks;
  if (!networks.add(config.gateway.trusted_proxies))
    return invalid("trusted-proxies: it must be addresses or networks such as 10.0.0.0/8, with commas between");
  return {};
}

} // namespace

result<void> validate(const node_config& config) {
  if (!config.on_postgresql() && config.roles != node_config{}.roles)
    return invalid("role: a node with some of the roles only needs PostgreSQL; with SQLite it is always role=all");
  if (!config.on_postgresql() && config.journal_count() != 1)
    return invalid("journals: SQLite takes exactly 1");
  if (auto whole = validate(config.tls); whole.has_error())
    return whole;
  if (!config.insecure && !config.tls.wanted() && !is_loopback(config.listen))
    return invalid("listen: " + to_string(config.listen)
                   + " is no loopback address: that needs cluster-tls-... or insecure=on");
  if (!config.insecure && config.has(role::gateway) && !config.auth_required() && !is_loopback(config.http))
    return invalid("auth: " + to_string(config.http)
                   + " is no loopback address: to serve everybody there without a token needs insecure=on");
  if (!config.auth.keys.empty())
    if (auto keys = read_token_keys(config.auth.algorithm, config.auth.keys); keys.has_error())
      return invalid("auth-keys: " + keys.error().detail);
  if (!config.auth.admin_password.empty() && config.auth.admin_email.empty())
    return invalid("admin-password: it needs admin-email");
  if (const auto length = config.auth.admin_password.size(); length != 0 && length < 10)
    return invalid("admin-password: it must have at least 10 characters");
  if (config.has(role::gateway) && config.http.port != 0 && config.http == config.listen)
    return invalid("http: it is the same address as listen");
  if (auto sound = validate_http(config); sound.has_error())
    return sound;
  if (config.membership.renewal * 2 > config.membership.lease)
    return invalid("cluster-renewal: it must be at most half of cluster-lease");
  if (config.has(role::gateway) && config.gateway.drain_delay + config.gateway.drain_timeout >= config.shutdown_timeout)
    return invalid("shutdown-timeout: it must be longer than http-drain-delay and http-drain-timeout together");
  if (config.deliveries.real_couriers && !config.deliveries.listed)
    return invalid("delivery-list: real couriers are found by it, so it must be on with courier-pool=real");
  if (config.couriers.shortest_delay > config.couriers.longest_delay)
    return invalid("courier-shortest-delay: it is longer than courier-longest-delay");
  if (auto sound = validate_payments(config); sound.has_error())
    return sound;
  if (auto sound = validate_retention(config); sound.has_error())
    return sound;
  if (config.orders.limits.hold >= config.products.stock.reservation_ttl)
    return invalid("order-hold-limit: it must be shorter than stock-reservation-ttl");
  if (config.orders.limits.grace >= config.products.stock.reservation_ttl)
    return invalid("order-grace: it must be shorter than stock-reservation-ttl");
  if (config.provider.shortest_delay > config.provider.longest_delay)
    return invalid("provider-shortest-delay: it is longer than provider-longest-delay");
  if (config.couriers.decline_percent + config.couriers.abort_percent + config.couriers.vanish_percent > 100)
    return invalid("courier-decline-percent: with courier-abort-percent and courier-vanish-percent it is over 100");
  for (const auto& [name, retry] :
       {std::pair{"order", config.orders.retry}, std::pair{"payment", config.payments.retry},
        std::pair{"delivery", config.deliveries.retry}})
    if (retry.first > retry.longest)
      return invalid(std::string{name} + "-retry-first: it is longer than " + name + "-retry-longest");
  return {};
}

config_sources sources_of_process(std::vector<std::string> arguments) {
  config_sources sources{std::move(arguments), {}};
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text{*entry};
    if (const auto equals = text.find('='); equals != std::string_view::npos)
      sources.environment.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  return sources;
}

result<loaded_config> load_config(const config_sources& sources) {
  auto flags = read_flags(sources.arguments);
  if (flags.has_error())
    return flags.error();
  auto environment = read_environment(sources.environment);
  if (environment.has_error())
    return environment.error();
  loaded_config loaded;
  for (const auto* values : {&*flags, &*environment}) {
    const auto path = values->find("config");
    if (path == values->end())
      continue;
    auto file = read_file(path->second);
    if (file.has_error())
      return file.error();
    if (file->contains("config"))
      return invalid(path->second + ": a configuration file cannot name another one");
    if (auto done = apply_layer(loaded, std::move(*file), path->second); done.has_error())
      return done.error();
    break;
  }
  if (auto done = apply_layer(loaded, std::move(*environment), "environment"); done.has_error())
    return done.error();
  if (auto done = apply_layer(loaded, std::move(*flags), "flag"); done.has_error())
    return done.error();
  apply_courier_defaults(loaded);
  if (auto sound = validate(loaded.config); sound.has_error())
    return sound.error();
  loaded.config.log.node = loaded.config.node_name();
  return loaded;
}

std::string dump(const loaded_config& loaded) {
  std::string text;
  for (const auto& row : all_options()) {
    const auto origin = loaded.origins.find(std::string{row.name});
    text += std::string{row.name} + " = " + row.show(loaded.config) + "  # "
            + (origin == loaded.origins.end() ? "default" : origin->second) + '\n';
  }
  return text;
}

namespace {

std::string help_line(std::string option, const std::string& help) {
  constexpr std::size_t width = 30;
  option.resize(std::max(option.size(), width), ' ');
  return "  " + option + " " + help + '\n';
}

} // namespace

std::string options_help() {
  const node_config defaults;
  auto text = help_line("--config=<path>", "a file of `name = value` lines");
  for (const auto& row : all_options())
    text += help_line("--" + std::string{row.name} + "=", std::string{row.help} + " [" + row.show(defaults) + "]");
  return text;
}

std::string redact_url(std::string_view url) {
  std::string text{url};
  const auto scheme = text.find("://");
  if (scheme == std::string::npos)
    return text;
  const auto authority = scheme + 3;
  // The last @ anywhere: a password with an unescaped @ or / must not show either.
  if (const auto at = text.rfind('@'); at != std::string::npos && at > authority)
    if (const auto colon = text.find(':', authority); colon < at)
      text.replace(colon + 1, at - colon - 1, "***");
  for (const std::string_view key : {"password=", "sslpassword="})
    for (auto found = text.find(key); found != std::string::npos; found = text.find(key, found + key.size())) {
      const auto value = found + key.size();
      text.replace(value, std::min(text.find('&', value), text.size()) - value, "***");
    }
  return text;
}

} // namespace waybill
