#include "shell/syntax/command.hpp"

#include "shell/syntax/order_syntax.hpp"
#include "shell/syntax/reference.hpp"
#include "shell/syntax/words.hpp"

#include "domain/base/errors.hpp"
#include "domain/base/number.hpp"
#include "domain/base/suggestion.hpp"
#include "messages/entity_types.hpp"
#include "transport/endpoint.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <limits>
#include <utility>

namespace waybill::shell {

namespace {

bool is_type(std::string_view text) {
  return std::ranges::find(entity_types, text, &entity_type::name) != entity_types.end();
}

std::string all_types() {
  std::string text;
  for (const auto& type : entity_types)
    text += (text.empty() ? "" : ", ") + std::string{type.name};
  return text;
}

result<shell_command> parse_actors(words rest) {
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

result<shell_command> parse_inspect(const words& rest) {
  const auto slash = rest.size() == 1 ? rest[0].find('/') : std::string::npos;
  if (slash == std::string::npos || slash + 1 == rest[0].size())
    return invalid("usage: inspect <type>/<id>");
  inspect_command parsed{rest[0].substr(0, slash), rest[0].substr(slash + 1)};
  if (!is_type(parsed.type))
    return invalid("there is no type '" + parsed.type + "'; there are " + all_types());
  return parsed;
}

result<shell_command> parse_audit(words rest) {
  const bool everything = take_flag(rest, "--all");
  return no_more(rest, audit_command{everything});
}

result<shell_command> parse_drain(words rest) {
  const bool force = take_flag(rest, "--force");
  if (rest.size() != 1)
    return invalid("usage: drain <node> [--force]");
  return drain_command{rest[0], force};
}

result<shell_command> parse_events(words rest) {
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

result<shell_command> parse_scenario(const words& rest) {
  if (rest.size() != 2 || rest[0] != "run")
    return invalid("usage: scenario run <n>|all");
  const bool number =
    !rest[1].empty() && rest[1].size() < 4 && rest[1].find_first_not_of("0123456789") == std::string::npos;
  if (!number && rest[1] != "all")
    return invalid("a scenario is named by its number, or all");
  return scenario_command{rest[1]};
}

/// Those that go on by themselves, or ask.
bool is_endless(const shell_command& parsed) {
  return std::holds_alternative<tail_command>(parsed) || std::holds_alternative<top_command>(parsed)
         || std::holds_alternative<watch_command>(parsed) || std::holds_alternative<bulk_command>(parsed)
         || std::holds_alternative<drain_command>(parsed) || std::holds_alternative<exit_command>(parsed);
}

result<shell_command> parse_shards(words rest) {
  if (rest.size() > 1)
    return invalid("usage: shards [<id>]");
  return shards_command{rest.empty() ? std::string{} : rest[0]};
}

result<shell_command> parse_top(words rest) {
  const bool once = take_flag(rest, "--once");
  return no_more(rest, top_command{once});
}

/// Its own options stand before the command, so that `watch` takes none of the command's.
result<shell_command> parse_watch(words rest) {
  watch_command parsed;
  while (!rest.empty() && rest.front().starts_with("--")) {
    words front{rest.front()};
    const bool has_value = rest.front().find('=') != std::string::npos;
    if (!has_value && rest.size() > 1)
      front.push_back(rest[1]);
    auto left = front;
    auto every = take_option(left, "--every");
    if (every.has_error())
      return every.error();
    auto times = take_option(left, "--times");
    if (times.has_error())
      return times.error();
    if (left.size() == front.size())
      return invalid("watch has no option " + rest.front());
    rest.erase(rest.begin(), rest.begin() + static_cast<std::ptrdiff_t>(front.size() - left.size() == 1 ? 1 : 2));
    if (*every) {
      const auto pause = parse_duration(**every);
      if (!pause || pause->count() == 0)
        return invalid("--every must be a time, such as 2s");
      parsed.every = *pause;
    }
    if (*times) {
      const auto count = parse_number<std::uint64_t>(**times);
      if (!count || *count == 0 || *count > std::numeric_limits<std::uint32_t>::max())
        return invalid("--times must be a number from 1 on");
      parsed.times = static_cast<std::uint32_t>(*count);
    }
  }
  if (rest.empty())
    return invalid("usage: watch [--every 2s] [--times N] <command>");
  parsed.line = quoted(rest);
  if (const auto known = parse_line(parsed.line); known.has_error())
    return known.error();
  else if (is_endless(known->command))
    return invalid("watch cannot repeat " + rest.front());
  return parsed;
}

result<shell_command> parse_completion(const words& rest) {
  if (rest.size() != 1 || (rest[0] != "bash" && rest[0] != "zsh"))
    return invalid("usage: completion bash|zsh");
  return completion_command{rest[0]};
}

result<shell_command> parse_help(const words& rest) {
  if (rest.size() > 1)
    return invalid("usage: help [<command>]");
  const auto names = command_names();
  if (!rest.empty() && std::ranges::find(names, rest[0]) == names.end())
    return invalid("there is no command '" + rest[0] + "'" + did_you_mean(rest[0], names));
  return help_command{rest.empty() ? std::string{} : rest[0]};
}

struct syntax {
  std::string_view name;
  result<shell_command> (*parse)(const words& rest);
};

constexpr syntax commands[] = {
  {"nodes", [](const words& rest) { return no_more(rest, nodes_command{}); }},
  {"actors", [](const words& rest) { return parse_actors(rest); }},
  {"inspect", parse_inspect},
  {"shards", [](const words& rest) { return parse_shards(rest); }},
  {"lease", [](const words& rest) { return no_more(rest, lease_command{}); }},
  {"top", [](const words& rest) { return parse_top(rest); }},
  {"latency", [](const words& rest) { return no_more(rest, latency_command{}); }},
  {"order", [](const words& rest) { return parse_order(rest); }},
  {"why", parse_why},
  {"trace", [](const words& rest) { return parse_trace(rest); }},
  {"diff", parse_diff},
  {"export", parse_export},
  {"replay", parse_replay},
  {"stuck", [](const words& rest) { return parse_stuck(rest); }},
  {"retry", [](const words& rest) { return parse_retry(rest); }},
  {"resolve", [](const words& rest) { return parse_resolve(rest); }},
  {"cancel", [](const words& rest) { return parse_bulk(bulk::action::cancel, rest); }},
  {"hold", [](const words& rest) { return parse_bulk(bulk::action::hold, rest); }},
  {"release", [](const words& rest) { return parse_bulk(bulk::action::release, rest); }},
  {"dead-letters", [](const words& rest) { return parse_dead_letters(rest); }},
  {"audit", [](const words& rest) { return parse_audit(rest); }},
  {"events", [](const words& rest) { return parse_events(rest); }},
  {"drain", [](const words& rest) { return parse_drain(rest); }},
  {"scenario", parse_scenario},
  {"watch", [](const words& rest) { return parse_watch(rest); }},
  {"completion", parse_completion},
  {"man", [](const words& rest) { return no_more(rest, man_command{}); }},
  {"help", parse_help},
  {"exit", [](const words& rest) { return no_more(rest, exit_command{}); }},
  {"quit", [](const words& rest) { return no_more(rest, exit_command{}); }},
};

/// What was meant by an option, or by the word behind the command, that the command does not have; empty: nothing near.
std::string word_meant(std::string_view name, const words& rest) {
  const auto all = all_commands();
  const auto described = std::ranges::find(all, name, &command_reference::name);
  if (described == all.end())
    return {};
  words options;
  for (const auto& option : described->options)
    options.emplace_back(option.name);
  for (const auto& word : rest) {
    const auto option = word.substr(0, word.find('='));
    if (option.starts_with("--") && std::ranges::find(options, option) == options.end())
      return did_you_mean(option, options);
  }
  constexpr std::array second_words{std::pair{"events", "tail"}, std::pair{"scenario", "run"},
                                    std::pair{"completion", "bash"}, std::pair{"completion", "zsh"}};
  words known;
  for (const auto& [first, second] : second_words)
    if (name == first)
      known.emplace_back(second);
  const bool has_slip = !rest.empty() && std::ranges::find(known, rest.front()) == known.end();
  return has_slip ? did_you_mean(rest.front(), known) : std::string{};
}

result<shell_command> parse_words(words rest) {
  if (rest.empty())
    return invalid("an empty command; help lists all");
  const auto name = rest.front();
  rest.erase(rest.begin());
  // Behind `watch` it is the watched command's.
  const bool asks_help =
    name == "watch" ? !rest.empty() && rest.front() == "--help" : std::ranges::find(rest, "--help") != rest.end();
  if (asks_help)
    return parse_help({name});
  const auto known = std::ranges::find(commands, name, &syntax::name);
  if (known == std::end(commands))
    return invalid("unknown command '" + name + "'" + did_you_mean(name, command_names()) + "; help lists all");
  auto parsed = known->parse(rest);
  if (parsed.has_error())
    return invalid(parsed.error().detail + word_meant(name, rest));
  return parsed;
}

} // namespace

std::vector<std::string> command_names() {
  std::vector<std::string> names;
  for (const auto& known : commands)
    names.emplace_back(known.name);
  return names;
}

bool needs_no_node(const shell_command& parsed) noexcept {
  return std::holds_alternative<replay_command>(parsed) || std::holds_alternative<completion_command>(parsed)
         || std::holds_alternative<man_command>(parsed) || std::holds_alternative<help_command>(parsed);
}

std::optional<output_format> to_format(std::string_view word) noexcept {
  if (word == "table")
    return output_format::table;
  if (word == "json")
    return output_format::json;
  if (word == "jsonl")
    return output_format::jsonl;
  if (word == "csv")
    return output_format::csv;
  return std::nullopt;
}

namespace {

/// The value of `-o`, which is taken out of the words; nothing without one.
result<std::optional<output_format>> take_format(std::vector<std::string>& all) {
  const auto word = take_option(all, "-o");
  if (word.has_error())
    return word.error();
  if (!*word)
    return std::optional<output_format>{};
  const auto format = to_format(**word);
  if (!format)
    return invalid("-o must be table, json, jsonl or csv");
  return format;
}

} // namespace

result<typed_line> parse_line(std::string_view line) {
  auto all = split_words(line);
  const auto format = take_format(all);
  if (format.has_error())
    return format.error();
  auto parsed = parse_words(std::move(all));
  if (parsed.has_error())
    return parsed.error();
  return typed_line{std::move(*parsed), *format};
}

result<shell_options> parse_options(const std::vector<std::string>& given) {
  auto rest = given;
  shell_options options;
  auto line = take_option(rest, "-c");
  if (line.has_error())
    return line.error();
  options.command = *line;
  const auto format = take_format(rest);
  if (format.has_error())
    return format.error();
  options.format = format->value_or(output_format::table);
  auto address = take_option(rest, "--connect");
  if (address.has_error())
    return address.error();
  if (*address) {
    const auto node = parse_endpoint(**address);
    if (!node || node->port == 0)
      return invalid("--connect must be " + expected_target(**address, "127.0.0.1:4100"));
    options.host = node->host;
    options.port = node->port;
  }
  // Behind a command it is about that command.
  if (!rest.empty() && (rest.front() == "--help" || rest.front() == "-h")) {
    options.help = true;
    return options;
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

} // namespace waybill::shell
