#include "nodes/options/config.hpp"

#include "domain/base/errors.hpp"
#include "nodes/options/config_layers.hpp"
#include "nodes/options/options.hpp"

#include <algorithm>
#include <thread>
#include <unistd.h>

extern char** environ;

namespace waybill {

namespace {

std::string host_name() {
  char buffer[256] = {};
  if (::gethostname(buffer, sizeof buffer - 1) != 0 || buffer[0] == '\0')
    return "localhost";
  return buffer;
}

std::string reachable_text(const endpoint& listener) {
  return to_string(is_wildcard(listener) ? endpoint{host_name(), listener.port} : listener);
}

} // namespace

bool node_config::has(role asked) const {
  return std::ranges::find(roles, asked) != roles.end();
}

bool node_config::on_postgresql() const {
  return !store.url.starts_with("sqlite:");
}

bool node_config::auth_required() const {
  const bool is_local = is_loopback(http) && (!grpc || is_loopback(*grpc));
  return auth.mode == auth_mode::required || (auth.mode == auth_mode::automatic && !is_local);
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

config_sources sources_of_process(std::vector<std::string> arguments) {
  config_sources sources{std::move(arguments), {}, {}};
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text{*entry};
    if (const auto equals = text.find('='); equals != std::string_view::npos)
      sources.environment.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  return sources;
}

result<loaded_config> load_config(const config_sources& sources) {
  auto flags = read_flags(sources.arguments, sources.other_options);
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
    auto file = read_config_file(path->second.text);
    if (file.has_error())
      return file.error();
    if (file->contains("config"))
      return invalid_option(file->at("config").source + ": a configuration file cannot name another one");
    if (auto done = apply_layer(loaded, std::move(*file)); done.has_error())
      return done.error();
    break;
  }
  if (auto done = apply_layer(loaded, std::move(*environment)); done.has_error())
    return done.error();
  if (auto done = apply_layer(loaded, std::move(*flags)); done.has_error())
    return done.error();
  apply_courier_defaults(loaded);
  apply_delivery_defaults(loaded);
  apply_request_defaults(loaded);
  if (auto sound = validate(loaded.config); sound.has_error())
    return sound.error();
  if (auto sound = validate_order_times(loaded); sound.has_error())
    return sound.error();
  loaded.config.log.node = loaded.config.node_name();
  return loaded;
}

namespace {

std::string source_of_default(const loaded_config& loaded, const std::string& name) {
  const auto cause = loaded.followed.find(name);
  return cause == loaded.followed.end() ? "default" : "default, by " + cause->second;
}

} // namespace

std::string dump(const loaded_config& loaded) {
  std::string text;
  for (const auto& row : all_options()) {
    const auto origin = loaded.origins.find(std::string{row.name});
    const auto source =
      origin == loaded.origins.end() ? source_of_default(loaded, std::string{row.name}) : origin->second;
    text += std::string{row.name} + " = " + row.show(loaded.config) + "  # " + source + '\n';
  }
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
    for (auto begin = text.find(key); begin != std::string::npos; begin = text.find(key, begin + key.size())) {
      const auto value = begin + key.size();
      text.replace(value, std::min(text.find('&', value), text.size()) - value, "***");
    }
  return text;
}

} // namespace waybill
