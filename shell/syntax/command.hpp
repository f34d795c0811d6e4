#pragma once

#include "domain/base/result.hpp"
#include "domain/bulk/bulk_action.hpp"
#include "domain/order/order.hpp"
#include "messages/journal/log_position.hpp"
#include "messages/journal/order_rows.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

/// The language of the shell. Pure: no node, no terminal.
namespace waybill::shell {

/// `jsonl`: one line for each item of a list; `csv`: the rows of a list.
enum class output_format : std::uint8_t { table, json, jsonl, csv };

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
  /// Where its time went, instead of what it is.
  bool timeline = false;
  /// As it was at this version, or at this time.
  std::optional<std::uint64_t> version = {};
  std::optional<timestamp> at = {};
};

struct diff_command {
  std::string id;
  std::uint64_t from = 0;
  std::uint64_t to = 0;
};

struct why_command {
  std::string id;
};

/// What happens to an order from now on.
struct trace_command {
  std::string id;
  /// Lines, then it ends.
  std::uint32_t most = 100;
  /// Without the messages between actors.
  bool events_only = false;
};

struct export_command {
  std::string id;
};

/// Needs no node.
struct replay_command {
  std::vector<std::string> files;
};

struct latency_command {};

/// Which orders a person means.
struct order_selection {
  list_orders query;
  /// Whose last change is older.
  milliseconds older_than{0};
};

struct stuck_command {
  order_selection where;
  std::uint32_t limit = 50;
};

/// What is done to the orders that are named, or that are selected.
struct bulk_command {
  bulk::action action = bulk::action::cancel;
  order::status outcome = order::status::cancelled;
  std::string reason;
  std::vector<std::string> ids;
  std::optional<order_selection> where;
  bool dry_run = false;
  /// Without being asked.
  bool yes = false;
};

/// Webhook messages that failed for good: lists them, or sends them again.
struct dead_letters_command {
  bool retry = false;
  bool all = false;
  std::vector<std::string> messages;
  bool yes = false;
};

struct shards_command {
  /// An entity's id; empty: of all roles.
  std::string of;
};

struct lease_command {};

struct top_command {
  bool once = false;
};

/// Carries out a command again and again.
struct watch_command {
  std::string line;
  milliseconds every{2'000};
  /// Zero: until Ctrl-C.
  std::uint32_t times = 0;
};

/// Prints what a shell needs to complete our commands. Needs no node.
struct completion_command {
  std::string shell;
};

/// Prints the manual page. Needs no node.
struct man_command {};

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

struct help_command {
  /// A command; empty: all.
  std::string of = {};
};
struct exit_command {};

using shell_command =
  std::variant<nodes_command, actors_command, inspect_command, order_command, retry_command, resolve_command,
               audit_command, tail_command, drain_command, scenario_command, help_command, exit_command, diff_command,
               why_command, export_command, replay_command, latency_command, stuck_command, bulk_command,
               dead_letters_command, shards_command, lease_command, top_command, watch_command, completion_command,
               man_command, trace_command>;

/// A line of a person: a command, and `-o <format>` anywhere in it for this command alone.
struct typed_line {
  shell_command command;
  std::optional<output_format> format;
};

/// Fails with ec::invalid_argument and a sentence that says what was expected.
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

/// Whether the command can be carried out without a node.
bool needs_no_node(const shell_command& parsed) noexcept;

/// `table`, `json`, `jsonl` or `csv`; nothing for another word.
std::optional<output_format> to_format(std::string_view word) noexcept;

/// What the shell knows of the cluster; asked only when it can complete a line.
struct known_names {
  std::function<std::vector<std::string>()> nodes;
  /// The ids of one type of entity.
  std::function<std::vector<std::string>(std::string_view type)> ids;
};

/// The words that can complete `line`, each with the part that `line` already has.
std::vector<std::string> completions(std::string_view line, const known_names& known = {});

} // namespace waybill::shell
