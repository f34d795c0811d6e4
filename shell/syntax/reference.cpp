#include "shell/syntax/reference.hpp"

#include "shell/syntax/order_syntax.hpp"
#include "shell/syntax/words.hpp"

#include <algorithm>

namespace waybill::shell {

namespace {

constexpr std::string_view selection =
  "Orders are selected by `--where name=value`, any number of times: status, waits_for, customer_id, product_id, "
  "created_after, created_before, older_than (whose last change is older, such as 10m). All must hold, of several "
  "statuses one. Without a status, orders that are over are left out. At most 1,000 orders are taken, the oldest "
  "first.";

std::vector<option_reference> bulk_options(bool with_outcome) {
  std::vector<option_reference> options;
  if (with_outcome)
    options.push_back({"--outcome", "completed|cancelled", "how they end"});
  options.insert(options.end(), {{"--reason", "TEXT", "why; it is recorded"},
                                 {"--where", "NAME=VALUE", "which orders, see below"},
                                 {"--dry-run", "", "tells what would become of each, and does nothing"},
                                 {"--yes", "", "does not ask first"}});
  return options;
}

command_reference bulk_reference(std::string_view name, std::string_view summary, std::string_view example,
                                 bool with_outcome = false) {
  return {name,
          with_outcome ? "<order> | --where NAME=VALUE... --outcome completed|cancelled --reason TEXT [--dry-run]"
                       : "<order>... | --where NAME=VALUE... --reason TEXT [--dry-run]",
          summary,
          bulk_options(with_outcome),
          selection,
          example};
}

std::vector<command_reference> make_commands() {
  static const auto awaited = listed(awaited_words());
  std::vector<command_reference> all{
    {"nodes", "", "the nodes of the cluster", {}, "", "nodes -o json"},
    {"shards", "[<id>]", "how the shards of each role are spread, or who owns one entity", {}, "", "shards ord_..."},
    {"lease", "", "how long each node may still serve without the database", {}, "", "lease"},
    {"actors",
     "[--type T] [--node N] [--sort id|mailbox]",
     "the entities in the memory of all nodes, or of one",
     {{"--type", "T", "of one type only"},
      {"--node", "N", "of one node only"},
      {"--sort", "id|mailbox", "by id, or those with the most messages first"}},
     "",
     "actors --sort mailbox"},
    {"top",
     "[--once]",
     "orders a second, commits, and the busiest actors, until Ctrl-C",
     {{"--once", "", "one look, one second long"}},
     "",
     "top"},
    {"latency",
     "",
     "how long orders waited in the last hour, by what for: p50, p90, p99",
     {},
     "Each node counts into buckets as the orders go by, so that it costs nothing at any rate; a percentile is exact "
     "to "
     "its bucket. A node that was started less than an hour ago counts from its start.",
     "latency -o csv"},
    {"inspect",
     "<type>/<id>",
     "the state of an order, product, webhook or any other entity",
     {},
     "",
     "inspect product/prd_..."},
    {"order",
     "<id> [--timeline | --at <version>|<time>]",
     "an order: status, what it waits for, on which node, its events",
     {{"--timeline", "", "where its time went: its steps, attempts, inside, outside and waiting"},
      {"--at", "VERSION|TIME", "as it was then"}},
     "",
     "order ord_... --timeline"},
    {"why",
     "<order>",
     "what an order waits for, since when, the last error, and what you can do",
     {},
     "Behind it stands what any node knows to be wrong now: a database that is slow or full, a node that cannot be "
     "reached, a role that nobody has, a provider that is not called, couriers that are missing.",
     "why ord_..."},
    {"trace",
     "<order> [--max 100] [--events]",
     "what happens to an order from now on: the messages between its actors on all nodes, and its events",
     {{"--max", "N", "lines; then it ends"},
      {"--events", "", "its events, and attempts at the steps of its saga, without the messages"}},
     "Who sent what to whom, what was answered, timers, and calls of the payment provider and the couriers; never what "
     "is in a message. Lines come a moment late, so that those of several nodes stand by time. A node notes messages "
     "only while somebody traces, of eight orders at most, and tells when it had to drop some. It ends when the order "
     "waits for nothing any more, after so many lines, or on Ctrl-C. With -o json each line is a document.",
     "trace ord_... --max 20"},
    {"diff",
     "<order> <version> <version>",
     "what changed between two versions of an order",
     {},
     "",
     "diff ord_... 3 7"},
    {"export",
     "<order>",
     "everything stored about an order, as one JSON document without secrets",
     {},
     "",
     "export ord_... > order.json"},
    {"replay",
     "<file>...",
     "replays exported orders and reports differences",
     {},
     "The check before an upgrade: export orders from the old program, replay them with the new one. Needs no node. "
     "Exit code 1 when anything differs.",
     "replay order.json"},
    {"stuck",
     "[--waits-for W] [--older-than 5m] [--limit 50]",
     "orders under way that have not changed for long, the oldest first",
     {{"--waits-for", "W", awaited},
      {"--older-than", "TIME", "whose last change is older; 5m unless told"},
      {"--limit", "N", "how many at most"}},
     "",
     "stuck --waits-for payment --older-than 10m"},
    bulk_reference("retry", "repeats the step that failed of orders that need attention",
                   "retry --where waits_for=operator --reason \"the bank is back\" --dry-run"),
    bulk_reference("resolve", "ends orders that need attention, as you settled them by hand",
                   "resolve ord_... --outcome completed --reason \"paid in cash\"", true),
    bulk_reference("cancel", "cancels orders; what they hold is given back",
                   "cancel --where waits_for=courier --where older_than=30m --reason \"no couriers today\""),
    bulk_reference("hold", "keeps orders from being dispatched", "hold ord_... --reason \"looks odd\""),
    bulk_reference("release", "lets held orders go on", "release --where waits_for=release --reason \"all is well\""),
    {"dead-letters",
     "[--retry <message>...|--all [--yes]]",
     "webhook messages that failed for good",
     {{"--retry", "", "sends those that are named again"},
      {"--all", "", "with --retry: all that are listed"},
      {"--yes", "", "does not ask first"}},
     "",
     "dead-letters --retry msg_..."},
    {"audit",
     "[--all]",
     "the violations that the auditor found",
     {{"--all", "", "checks everything now"}},
     "Exit code 1 if there is any.",
     "audit --all"},
    {"events",
     "tail [--type order.*] [--after <position>|earliest]",
     "new events, until Ctrl-C",
     {{"--type", "PATTERN", "a type, or a prefix and a star"}, {"--after", "POSITION|earliest", "where to begin"}},
     "",
     "events tail --type order.*"},
    {"drain",
     "<node> [--force]",
     "a node hands its entities over and ends",
     {{"--force", "", "even if it is the last one of a role"}},
     "",
     "drain order-2"},
    {"scenario", "run <n>|all", "plays a scenario against this cluster", {}, "", "scenario run 1"},
    {"watch",
     "[--every 2s] [--times N] <command>",
     "carries out a command again and again, until Ctrl-C",
     {{"--every", "TIME", "the pause between"}, {"--times", "N", "ends after so many"}},
     "Its own options stand before the command.",
     "watch stuck --older-than 1m"},
    {"completion",
     "bash|zsh",
     "prints what a shell needs to complete these commands",
     {},
     "bash: `source <(waybill shell completion bash)`. zsh: `waybill shell completion zsh > \"${fpath[1]}/_waybill\"`.",
     "completion bash"},
    {"man", "", "prints the manual page", {}, "", "man > waybill-shell.1"},
    {"help", "[<command>]", "this list, or one command", {}, "", "help stuck"},
    {"exit", "", "leaves (or Ctrl-D)", {}, "", "exit"},
  };
  return all;
}

std::string usage_of(const command_reference& command) {
  return std::string{command.name} + (command.arguments.empty() ? "" : " ") + std::string{command.arguments};
}

/// Lines of at most `width`, without breaking a word.
std::string wrapped(std::string_view text, std::size_t width) {
  std::string lines;
  std::size_t used = 0;
  while (!text.empty()) {
    const auto end = std::min(text.find(' '), text.size());
    if (used > 0 && used + 1 + end > width) {
      lines += '\n';
      used = 0;
    } else if (used > 0) {
      lines += ' ';
      ++used;
    }
    lines += text.substr(0, end);
    used += end;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

/// In man(7), a backslash is an escape, a hyphen must be a minus, and a full stop at the beginning of a line a request.
std::string in_man(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '\\')
      escaped += "\\e";
    else if (c == '-')
      escaped += "\\-";
    else
      escaped += c;
  }
  return escaped.starts_with('.') || escaped.starts_with('\'') ? "\\&" + escaped : escaped;
}

std::string names_of_all() {
  std::string names;
  for (const auto& command : all_commands())
    names += (names.empty() ? "" : " ") + std::string{command.name};
  return names;
}

std::string bash_script() {
  std::string script = "# Completes `waybill shell`: source <(waybill shell completion bash)\n"
                       "_waybill() {\n"
                       "  local word=${COMP_WORDS[COMP_CWORD]} command=${COMP_WORDS[2]}\n"
                       "  [ \"${COMP_WORDS[1]}\" = shell ] || return\n"
                       "  if [ \"${COMP_WORDS[COMP_CWORD-1]}\" = -o ]; then\n"
                       "    COMPREPLY=($(compgen -W \"table json jsonl csv\" -- \"$word\")); return\n"
                       "  fi\n"
                       "  if [ \"$COMP_CWORD\" = 2 ]; then\n"
                       "    COMPREPLY=($(compgen -W \""
                       + names_of_all()
                       + "\" -- \"$word\")); return\n"
                         "  fi\n"
                         "  case $command in\n";
  for (const auto& command : all_commands()) {
    std::string options = "--help -o";
    for (const auto& option : command.options)
      options += ' ' + std::string{option.name};
    script += "    " + std::string{command.name} + ") COMPREPLY=($(compgen -W \"" + options + "\" -- \"$word\")) ;;\n";
  }
  return script
         + "  esac\n  [ \"$command\" = replay ] && COMPREPLY+=($(compgen -f -- \"$word\"))\n}\ncomplete -F _waybill "
           "waybill\n";
}

std::string in_zsh(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '\'')
      escaped += "'\\''";
    else if (c == ':' || c == '[' || c == ']')
      (escaped += '\\') += c;
    else
      escaped += c;
  }
  return escaped;
}

std::string zsh_script() {
  std::string script = "#compdef waybill\n"
                       "# Completes `waybill shell`: waybill shell completion zsh > \"${fpath[1]}/_waybill\"\n"
                       "_waybill() {\n"
                       "  local -a commands\n"
                       "  [ \"${words[2]}\" = shell ] || return\n"
                       "  commands=(\n";
  for (const auto& command : all_commands())
    script += "    '" + std::string{command.name} + ':' + in_zsh(command.summary) + "'\n";
  script += "  )\n"
            "  if (( CURRENT == 3 )); then _describe command commands; return; fi\n"
            "  case ${words[3]} in\n";
  for (const auto& command : all_commands()) {
    script += "    " + std::string{command.name}
              + ") _arguments '--help[shows its help]' '-o[format]:format:(table json jsonl csv)'";
    for (const auto& option : command.options)
      script += " '" + std::string{option.name} + '[' + in_zsh(option.meaning) + ']'
                + (option.value.empty() ? "" : ":" + in_zsh(option.value) + ":") + "'";
    if (command.name == "replay")
      script += " '*:file:_files'";
    script += " ;;\n";
  }
  return script + "  esac\n}\ncompdef _waybill waybill\n";
}

} // namespace

std::span<const command_reference> all_commands() {
  static const auto commands = make_commands();
  return commands;
}

std::string help_text() {
  constexpr std::size_t column = 14;
  std::string text;
  for (const auto& command : all_commands()) {
    std::string line{command.name};
    line.append(column - std::min(column - 1, line.size()), ' ');
    text += line + std::string{command.summary} + '\n';
  }
  return text
         + "\n`help <command>` and `<command> --help` tell more. Each takes -o table|json|jsonl|csv.\n"
           "Tab completes commands, options, ids and nodes; Ctrl-C clears the line.\n";
}

std::string help_of(std::string_view name) {
  constexpr std::size_t width = 100;
  const auto all = all_commands();
  const auto command = std::ranges::find(all, name, &command_reference::name);
  if (command == all.end())
    return {};
  auto text = usage_of(*command) + "\n  " + std::string{command->summary} + '\n';
  for (const auto& option : command->options) {
    auto line = "  " + std::string{option.name} + (option.value.empty() ? "" : " ") + std::string{option.value};
    constexpr std::size_t column = 34;
    line.append(line.size() < column ? column - line.size() : 2, ' ');
    text += line + std::string{option.meaning} + '\n';
  }
  if (!command->details.empty())
    text += '\n' + wrapped(command->details, width) + '\n';
  return text + "\nexample: " + std::string{command->example} + '\n';
}

std::string usage_text() {
  return "usage: waybill shell [--connect=127.0.0.1:4100] [-o table|json|jsonl|csv] [-c \"command\" | command]\n"
         "For a node that demands certificates: --cluster-tls-ca= --cluster-tls-certificate= --cluster-tls-key=, as "
         "for a node\n"
         "Exit codes: 0 ok, 1 failed, 2 usage, 3 not found, 8 unreachable\n\n";
}

std::string man_page() {
  std::string page =
    ".TH WAYBILL\\-SHELL 1\n.SH NAME\nwaybill\\-shell \\- look into a running Waybill node\n"
    ".SH SYNOPSIS\n.B waybill shell\n[\\-\\-connect=ADDRESS:PORT] [\\-o FORMAT] [COMMAND]\n"
    ".SH DESCRIPTION\nConnects to one node of a cluster, as a client of its node API, and shows and does "
    "what its operators need. Without a command it reads commands from the terminal, or from a pipe, one "
    "a line.\n.SH OPTIONS\n"
    ".TP\n.B \\-\\-connect=ADDRESS:PORT\nThe node; 127.0.0.1:4100 unless told.\n"
    ".TP\n.B \\-o table|json|jsonl|csv\nThe form of the answer. JSON is stable: fields are only added. "
    "jsonl is one line for each item of a list, csv the rows of a list.\n"
    ".TP\n.B \\-\\-cluster\\-tls\\-ca=, \\-\\-cluster\\-tls\\-certificate=, \\-\\-cluster\\-tls\\-key=\n"
    "For a node that demands certificates.\n.SH COMMANDS\n";
  for (const auto& command : all_commands()) {
    page += ".TP\n.B " + in_man(usage_of(command)) + '\n' + in_man(command.summary) + ".\n";
    for (const auto& option : command.options)
      page += ".br\n" + in_man(option.name) + (option.value.empty() ? "" : " " + in_man(option.value)) + ": "
              + in_man(option.meaning) + ".\n";
    if (!command.details.empty())
      page += ".br\n" + in_man(command.details) + '\n';
  }
  return page
         + ".SH EXIT STATUS\n0: done. 1: failed, or something was found. 2: usage. 3: not found. 8: the node cannot be "
           "reached.\n";
}

std::string completion_script(std::string_view shell) {
  return shell == "zsh" ? zsh_script() : bash_script();
}

} // namespace waybill::shell
