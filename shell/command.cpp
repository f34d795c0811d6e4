#include "shell/command.hpp"

#include "domain/base/errors.hpp"
#include "domain/base/suggestion.hpp"
#include "messages/entity_types.hpp"
#include "transport/endpoint.hpp"

#include <algorithm>
#include <charconv>

namespace waybill::shell {

namespace {

using words = std::vector<std::string>;

failure invalid(std::string detail) {
  return {ec::invalid_argument, std::move(detail)};
}

bool is_type(std::string_view text) {
  return std::ranges::find(entity_types, text, &entity_type::name) != entity_types.end();
}

std::string all_types() {
  std::string text;
  for (const auto& type : entity_types)
    text += (text.empty() ? "" : ", ") + std::string{type.name};
  return text;
}

/// Takes `--name value` and `--name=value` off the words; nothing when it is not there.
result<std::optional<std::string>> take_option(words& from, std::string_view name) {
  for (auto word = from.begin(); word != from.end(); ++word) {
    if (word->starts_with(name) && word->size() > name.size() && (*word)[name.size()] == '=') {
      auto value = word->substr(name.size() + 1);
      from.erase(word);
      return std::optional{std::move(value)};
    }
    if (*word != name)
      continue;
    if (std::next(word) == from.end())
      return invalid(std::string{name} + " needs a value");
    auto value = *std::next(word);
    from.erase(word, word + 2);
    return std::optional{std::move(value)};
  }
  return std::optional<std::string>{};
}

result<command> no_more(const words& rest, command parsed) {
  if (!rest.empty())
    return invalid("unexpected '" + rest.front() + "'");
  return parsed;
}

result<command> parse_actors(words rest) {
  actors_command parsed;
  auto type = take_option(rest, "--type");
  if (type.has_error())
    return type.error();
  auto sort = take_option(rest, "--sort");
  if (sort.has_error())
    return sort.error();
  auto node = take_option(rest, "--node");
  if (node.has_error())
    return node.error();
  parsed.node = node->value_or("");
  parsed.type = type->value_or("");
  if (!parsed.type.empty() && !is_type(parsed.type))
    return invalid("--type must be one of " + all_types());
  if (sort->value_or("id") != "id" && sort->value_or("id") != "mailbox")
    return invalid("--sort must be id or mailbox");
  parsed.by_mailbox = sort->value_or("id") == "mailbox";
  return no_more(rest, parsed);
}

result<command> parse_inspect(const words& rest) {
  const auto slash = rest.size() == 1 ? rest[0].find('/') : std::string::npos;
  if (slash == std::string::npos || slash + 1 == rest[0].size())
    return invalid("usage: inspect <type>/<id>");
  inspect_command parsed{rest[0].substr(0, slash), rest[0].substr(slash + 1)};
  if (!is_type(parsed.type))
    return invalid("there is no type '" + parsed.type + "'; there are " + all_types());
  return parsed;
}

result<command> parse_order(const words& rest) {
  if (rest.size() != 1)
    return invalid("usage: order <id>");
  return order_command{rest[0]};
}

result<command> parse_retry(words rest) {
  auto reason = take_option(rest, "--reason");
  if (reason.has_error())
    return reason.error();
  if (rest.size() != 1)
    return invalid("usage: retry <order> [--reason \"...\"]");
  return retry_command{rest[0], reason->value_or("")};
}

result<command> parse_resolve(words rest) {
  constexpr auto usage = "usage: resolve <order> --outcome completed|cancelled --reason \"...\"";
  auto outcome = take_option(rest, "--outcome");
  if (outcome.has_error())
    return outcome.error();
  auto reason = take_option(rest, "--reason");
  if (reason.has_error())
    return reason.error();
  if (rest.size() != 1 || !*outcome)
    return invalid(usage);
  resolve_command parsed{rest[0], {}, reason->value_or("")};
  if (**outcome == "completed")
    parsed.outcome = order::status::completed;
  else if (**outcome == "cancelled")
    parsed.outcome = order::status::cancelled;
  else
    return invalid("--outcome must be completed or cancelled");
  if (parsed.reason.empty())
    return invalid("an order is resolved with a reason: --reason \"...\"");
  return parsed;
}

/// Takes `--name` off the words; whether it was there.
bool take_flag(words& from, std::string_view name) {
  return std::erase(from, name) > 0;
}

result<command> parse_audit(words rest) {
  const bool everything = take_flag(rest, "--all");
  return no_more(rest, audit_command{everything});
}

result<command> parse_drain(words rest) {
  const bool force = take_flag(rest, "--force");
  if (rest.size() != 1)
    return invalid("usage: drain <node> [--force]");
  return drain_command{rest[0], force};
}

result<command> parse_events(words rest) {
  if (rest.empty() || rest[0] != "tail")
    return invalid("usage: events tail [--type order.*] [--after <position>|earliest]");
  rest.erase(rest.begin());
  auto type = take_option(rest, "--type");
  if (type.has_error())
    return type.error();
  auto after = take_option(rest, "--after");
  if (after.has_error())
    return after.error();
  tail_command parsed{type->value_or(""), std::nullopt, *after == "earliest"};
  if (*after && !parsed.from_earliest) {
    parsed.after = parse_log_position(**after);
    if (!parsed.after)
      return invalid("--after must be the position of an event, or earliest");
  }
  return no_more(rest, parsed);
}

result<command> parse_scenario(const words& rest) {
  if (rest.size() != 2 || rest[0] != "run")
    return invalid("usage: scenario run <n>|all");
  const bool number =
    !rest[1].empty() && rest[1].size() < 4 && rest[1].find_first_not_of("0123456789") == std::string::npos;
  if (!number && rest[1] != "all")
    return invalid("a scenario is named by its number, or all");
  return scenario_command{rest[1]};
}

struct syntax {
  std::string_view name;
  result<command> (*parse)(const words& rest);
};

constexpr syntax commands[] = {
  {"nodes", [](const words& rest) { return no_more(rest, nodes_command{}); }},
  {"actors", [](const words& rest) { return parse_actors(rest); }},
  {"inspect", parse_inspect},
  {"order", parse_order},
  {"retry", [](const words& rest) { return parse_retry(rest); }},
  {"resolve", [](const words& rest) { return parse_resolve(rest); }},
  {"audit", [](const words& rest) { return parse_audit(rest); }},
  {"events", [](const words& rest) { return parse_events(rest); }},
  {"drain", [](const words& rest) { return parse_drain(rest); }},
  {"scenario", parse_scenario},
  {"help", [](const words& rest) { return no_more(rest, help_command{}); }},
  {"exit", [](const words& rest) { return no_more(rest, exit_command{}); }},
  {"quit", [](const words& rest) { return no_more(rest, exit_command{}); }},
};

result<command> parse_words(words rest) {
  if (rest.empty())
    return invalid("an empty command; help lists all");
  const auto name = rest.front();
  rest.erase(rest.begin());
  const auto known = std::ranges::find(commands, name, &syntax::name);
  if (known == std::end(commands))
    return invalid("unknown command '" + name + "'" + did_you_mean(name, command_names()) + "; help lists all");
  return known->parse(rest);
}

} // namespace

std::vector<std::string> split_words(std::string_view line) {
  std::vector<std::string> result;
  bool in_word = false;
  char quote = 0;
  for (const char c : line) {
    const bool blank = c == ' ' || c == '\t' || c == '\r' || c == '\n';
    if (quote == 0 && blank) {
      in_word = false;
      continue;
    }
    if (!in_word)
      result.emplace_back();
    in_word = true;
    if (quote == 0 && (c == '"' || c == '\''))
      quote = c;
    else if (c == quote && quote != 0)
      quote = 0;
    else
      result.back() += c;
  }
  return result;
}

std::vector<std::string> command_names() {
  std::vector<std::string> names;
  for (const auto& known : commands)
    names.emplace_back(known.name);
  return names;
}

result<command> parse_command(std::string_view line) {
  return parse_words(split_words(line));
}

result<typed_line> parse_line(std::string_view line) {
  auto all = split_words(line);
  auto format = take_option(all, "-o");
  if (format.has_error())
    return format.error();
  if (*format && **format != "table" && **format != "json")
    return invalid("-o must be table or json");
  auto parsed = parse_words(std::move(all));
  if (parsed.has_error())
    return parsed.error();
  typed_line typed{std::move(*parsed), std::nullopt};
  if (*format)
    typed.format = **format == "json" ? output_format::json : output_format::table;
  return typed;
}

namespace {

/// A line that splits into these words again.
std::string quoted(const words& all) {
  std::string line;
  for (const auto& word : all) {
    const char quote = word.find('\'') == std::string::npos ? '\'' : '"';
    line += (line.empty() ? "" : " ") + (quote + word + quote);
  }
  return line;
}

} // namespace

result<shell_options> parse_options(const std::vector<std::string>& given) {
  auto rest = given;
  shell_options options;
  if (std::ranges::find(rest, "--help") != rest.end() || std::ranges::find(rest, "-h") != rest.end()) {
    options.help = true;
    return options;
  }
  auto line = take_option(rest, "-c");
  if (line.has_error())
    return line.error();
  options.command = *line;
  auto format = take_option(rest, "-o");
  if (format.has_error())
    return format.error();
  if (const auto word = format->value_or("table"); word != "table" && word != "json")
    return invalid("-o must be table or json");
  options.format = *format == "json" ? output_format::json : output_format::table;
  auto address = take_option(rest, "--connect");
  if (address.has_error())
    return address.error();
  if (*address) {
    const auto node = parse_endpoint(**address);
    if (!node || node->port == 0)
      return invalid("--connect must be an address and a port, such as 127.0.0.1:4100");
    options.host = node->host;
    options.port = node->port;
  }
  // What is left are the words of a command.
  if (!rest.empty() && rest.front().starts_with('-'))
    return invalid("unknown option '" + rest.front() + "'"
                   + did_you_mean(rest.front().substr(0, rest.front().find('=')),
                                  {"-c", "-o", "--connect", "--help", "--cluster-tls-ca", "--cluster-tls-certificate",
                                   "--cluster-tls-key"}));
  if (!rest.empty() && options.command)
    return invalid("the command is given twice: by -c, and as '" + rest.front() + "'");
  if (!rest.empty())
    options.command = quoted(rest);
  return options;
}

std::string_view help_text() {
  return "nodes                                          the nodes of the cluster\n"
         "actors [--type T] [--node N] [--sort id|mailbox]\n"
         "                                               the entities in the memory of all nodes, or of one\n"
         "inspect <type>/<id>                            the state of an order, product, webhook or any other entity\n"
         "order <id>                                     an order: status, what it waits for, on which node, its "
         "events\n"
         "retry <order> [--reason \"...\"]                repeats the step that failed of an order that needs "
         "attention\n"
         "resolve <order> --outcome completed|cancelled --reason \"...\"\n"
         "                                               ends an order that needs attention, as you settled it by "
         "hand\n"
         "audit [--all]                                  the violations that the auditor found, or check everything "
         "now;"
         "\n"
         "                                               exit code 1 if there is any\n"
         "events tail [--type order.*] [--after <pos>|earliest]\n"
         "                                               new events, until Ctrl-C\n"
         "drain <node> [--force]                         a node hands its entities over and ends; refused for the last "
         "one\n"
         "                                               of a role\n"
         "scenario run <n>|all                           play a scenario against this cluster\n"
         "help                                           this list\n"
         "exit                                           leave (or Ctrl-D)\n"
         "Each takes -o table|json. Tab completes commands, options, ids and nodes; Ctrl-C clears the line.\n";
}

std::string_view usage_text() {
  return "usage: waybill shell [--connect=127.0.0.1:4100] [-o table|json] [-c \"command\" | command]\n"
         "For a node that demands certificates: --cluster-tls-ca= --cluster-tls-certificate= --cluster-tls-key=, as "
         "for "
         "a node\n"
         "Exit codes: 0 ok, 1 failed, 2 usage, 3 not found, 8 unreachable\n\n";
}

} // namespace waybill::shell
