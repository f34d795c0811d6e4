#include "domain/base/errors.hpp"
#include "domain/base/suggestion.hpp"
#include "nodes/options/config.hpp"
#include "nodes/options/options.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

namespace waybill {

namespace {

struct topic {
  std::string_view name;
  std::string_view about;
  /// An option belongs to the topic with the longest of these that it is, or begins with before a `-`.
  std::array<std::string_view, 8> options;
};

constexpr topic topics[] = {
  {"node", "the process itself", {"name", "role", "workers", "shutdown-timeout", "log", "chaos", "insecure", "actor"}},
  {"store", "the database", {"store", "journals", "journal", "readers", "log-readers"}},
  {"http", "the gateway, HTTPS, limits of callers, operators", {"http", "ops", "trusted-proxies", "forwarded-header"}},
  {"grpc", "the gRPC door of the gateway", {"grpc"}},
  {"cluster", "other nodes, and TLS between them", {"listen", "advertise", "cluster"}},
  {"accounts", "users, tokens and passwords", {"auth", "admin", "password", "user"}},
  {"orders", "deadlines and repetitions of orders", {"order"}},
  {"stock", "products and reservations", {"stock", "product"}},
  {"payments", "the payment provider", {"payment", "provider"}},
  {"delivery", "deliveries and couriers", {"delivery", "courier", "couriers"}},
  {"webhooks", "messages to other servers", {"webhook"}},
  {"sinks", "events to message brokers", {"sink"}},
  {"sources", "orders from message brokers", {"source"}},
  {"functions", "programs of others that run in a sandbox", {"function"}},
  {"events", "how long events are kept", {"event"}},
  {"audit", "the check of all invariants", {"audit"}},
  {"traces", "what happened to an order, for OpenTelemetry", {"trace"}},
};

constexpr std::array<std::string_view, 6> first_options{"role", "store", "http", "listen", "auth", "log-level"};

std::size_t length_of_match(std::string_view option_name, const topic& candidate) {
  std::size_t longest = 0;
  for (const auto begin : candidate.options) {
    const bool fits = !begin.empty() && option_name.starts_with(begin)
                      && (option_name.size() == begin.size() || option_name[begin.size()] == '-');
    longest = fits ? std::max(longest, begin.size()) : longest;
  }
  return longest;
}

std::string help_line(std::string option, const std::string& help) {
  constexpr std::size_t width = 30;
  option.resize(std::max(option.size(), width), ' ');
  return "  " + option + " " + help + '\n';
}

std::string help_line(const option& row) {
  static const node_config defaults;
  return help_line("--" + std::string{row.name} + "=", std::string{row.help} + " [" + row.show(defaults) + "]");
}

std::string of_topic(const topic& chosen) {
  auto text = std::string{chosen.name} + ": " + std::string{chosen.about} + '\n';
  for (const auto& row : all_options())
    if (topic_of(row.name) == chosen.name)
      text += help_line(row);
  return text;
}

std::string overview() {
  auto text = help_line("--config=<path>", "a file of `name = value` lines");
  for (const auto& row : all_options())
    if (std::ranges::find(first_options, row.name) != first_options.end())
      text += help_line(row);
  text += "\nMore, by topic; --help=all shows everything:\n";
  for (const auto& candidate : topics)
    text += help_line("--help=" + std::string{candidate.name}, std::string{candidate.about});
  return text;
}

} // namespace

std::string_view topic_of(std::string_view option_name) {
  const auto* best = std::ranges::max_element(
    topics, {}, [&](const topic& candidate) { return length_of_match(option_name, candidate); });
  return length_of_match(option_name, *best) == 0 ? std::string_view{} : best->name;
}

result<std::string> options_help(std::string_view wanted) {
  if (wanted.empty())
    return overview();
  if (wanted == "all") {
    auto text = help_line("--config=<path>", "a file of `name = value` lines");
    for (const auto& candidate : topics)
      text += '\n' + of_topic(candidate);
    return text;
  }
  std::vector<std::string> names{"all"};
  for (const auto& candidate : topics) {
    if (candidate.name == wanted)
      return of_topic(candidate);
    names.emplace_back(candidate.name);
  }
  // The name of an option is a topic, too.
  for (const auto& row : all_options())
    if (row.name == wanted)
      return help_line(row);
  std::string list;
  for (const auto& name : names)
    list += (list.empty() ? "" : ", ") + name;
  return failure{ec::invalid_argument,
                 "there is no help on '" + std::string{wanted} + "'; there are " + list + did_you_mean(wanted, names)};
}

} // namespace waybill
