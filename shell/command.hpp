#pragma once

#include "domain/base/result.hpp"
#include "domain/order/order.hpp"
#include "messages/journal/log_position.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

/// The language of the shell. Pure: no node, no terminal.
namespace waybill::shell {

enum class output_format : std::uint8_t { table, json };

struct nodes_command {};

struct actors_command {
  std::string type;
  /// Of this node only; empty: of the whole cluster.
  std::string node;
  bool by_mailbox = false;
};

struct inspect_command {
  std::string type;
  std::string id;
};

struct order_command {
  std::string id;
};

struct retry_command {
  std::string id;
  std::string reason;
};

struct resolve_command {
  std::string id;
  order::status outcome = order::status::cancelled;
  std::string reason;
};

struct audit_command {
  /// Check everything now, instead of asking what the auditor has found.
  bool everything = false;
};

struct tail_command {
  /// As in `order.*`; empty for all.
  std::string type;
  /// Nothing: from the log's end.
  std::optional<log_position> after;
  /// From the first event that is kept.
  bool from_earliest = false;
};

struct drain_command {
  std::string node;
  /// Even if it is the last one of a role.
  bool force = false;
};

struct scenario_command {
  std::string scenario;
};

struct help_command {};
struct exit_command {};

using command =
  std::variant<nodes_command, actors_command, inspect_command, order_command, retry_command, resolve_command,
               audit_command, tail_command, drain_command, scenario_command, help_command, exit_command>;

/// Fails with ec::invalid_argument and a sentence that says what was expected.
result<command> parse_command(std::string_view line);

/// A line of a person: a command, and `-o table|json` anywhere in it for this command alone.
struct typed_line {
  shell::command command;
  std::optional<output_format> format;
};

/// Fails as parse_command.
result<typed_line> parse_line(std::string_view line);

/// What `waybill shell` was started with.
struct shell_options {
  std::string host = "127.0.0.1";
  std::uint16_t port = 4100;
  /// `-c`: run only this.
  std::optional<std::string> command;
  output_format format = output_format::table;
  bool help = false;
};

/// Fails with ec::invalid_argument.
result<shell_options> parse_options(const std::vector<std::string>& words);

/// Words between blanks; quotes, single or double, keep blanks in a word. A quote that is never closed goes on to the
/// end of the line.
std::vector<std::string> split_words(std::string_view line);

/// The first words of all commands.
std::vector<std::string> command_names();

/// What the shell knows of the cluster; asked only when it can complete a line.
struct known_names {
  std::function<std::vector<std::string>()> nodes;
  /// The ids of one type of entity.
  std::function<std::vector<std::string>(std::string_view type)> ids;
};

/// The words that can complete `line`, each with the part that `line` already has.
std::vector<std::string> completions(std::string_view line, const known_names& known = {});

/// The answer to `help`.
std::string_view help_text();
std::string_view usage_text();

} // namespace waybill::shell
