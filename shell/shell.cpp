#include "shell/shell.hpp"

#include "domain/base/errors.hpp"
#include "domain/text/unicode.hpp"
#include "shell/command.hpp"
#include "shell/node_connection.hpp"
#include "shell/render.hpp"
#include "shell/terminal.hpp"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <iostream>
#include <random>
#include <thread>
#include <unistd.h>
#include <utility>

namespace waybill::shell {

namespace {

using namespace std::chrono_literals;

/// How often `events tail` looks for new events, and how many it takes at once.
constexpr auto tail_interval = 200ms;
constexpr std::uint32_t page_size = 500;

/// How long the shell waits for a node that was asked to leave: longer than its default `shutdown-timeout`.
constexpr auto drain_limit = 60s;

volatile std::sig_atomic_t interrupted = 0;

/// While it lives, Ctrl-C ends the command that runs instead of the shell.
class interruptible {
public:
  interruptible() {
    interrupted = 0;
    struct sigaction action {};
    action.sa_handler = [](int) { interrupted = 1; };
    ::sigaction(SIGINT, &action, &before_);
  }
  ~interruptible() { ::sigaction(SIGINT, &before_, nullptr); }
  interruptible(const interruptible&) = delete;
  interruptible& operator=(const interruptible&) = delete;

private:
  struct sigaction before_ {};
};

/// Carries out commands; each answers with an exit code.
class executor {
public:
  executor(node_connection& node, output_format format, const hooks& outside)
    : node_(node), format_(format), outside_(outside) {}

  int operator()(const nodes_command&) { return show(node_.ask(list_nodes{})); }

  int operator()(const actors_command& command) {
    return show(node_.ask(list_cluster_actors{command.node, {.type = command.type, .by_mailbox = command.by_mailbox}}));
  }

  int operator()(const inspect_command& command) {
    const auto entity = node_.ask(inspect_actor{command.type, command.id});
    if (entity.has_error())
      return complain(entity.error());
    return print(render(command, *entity, format_));
  }

  int operator()(const order_command& command) {
    const auto order = node_.ask(inspect_actor{"order", command.id});
    if (order.has_error())
      return complain(order.error());
    std::vector<stored_event> events;
    read_log query{.after = {},
                   .filter = {.types = {}, .stream = {}, .order = command.id, .customer = {}},
                   .limit = page_size,
                   .from_earliest = true,
                   .unsettled = true};
    // A page that is not full has reached the end of what there is.
    for (bool more = true; more;) {
      auto page = node_.ask(query);
      if (page.has_error())
        return complain(page.error());
      more = page->events.size() == page_size;
      query.after = page->next;
      query.seen = std::move(page->seen);
      query.from_earliest = false;
      std::ranges::move(page->events, std::back_inserter(events));
    }
    return print(render_order(*order, events, format_));
  }

  int operator()(const retry_command& command) {
    return show(
      node_.ask(retry_order{order_id{command.id}, make_id_suffix(), command.reason, 0, origin(), of_everything()}));
  }

  int operator()(const resolve_command& command) {
    return show(
      node_.ask(resolve_order{order_id{command.id}, command.outcome, command.reason, 0, origin(), of_everything()}));
  }

  int operator()(const audit_command& command) {
    if (command.everything)
      return audit_everything();
    const auto report = node_.ask(get_audit_report{});
    if (report.has_error())
      return complain(report.error());
    print(render(*report, format_));
    return report->open.empty() ? 0 : 1;
  }

  int operator()(const tail_command& command) {
    read_log query{.after = {}, .filter = {}, .limit = page_size};
    if (!command.type.empty())
      query.filter.types.push_back(command.type);
    query.from_earliest = command.from_earliest;
    if (command.after) {
      query.after = *command.after;
    } else if (!command.from_earliest) {
      const auto end = node_.ask(get_log_end{});
      if (end.has_error())
        return complain(end.error());
      query.after = *end;
    }
    const interruptible guard;
    while (interrupted == 0) {
      const auto page = node_.ask(query);
      if (page.has_error())
        return complain(page.error());
      for (const auto& event : page->events)
        std::cout << escape_control_characters(render(event, format_), true);
      // Nobody reads the other end of the pipe any more.
      if (!std::cout.flush())
        return 0;
      query.after = page->next;
      query.from_earliest = false;
      if (page->events.empty())
        std::this_thread::sleep_for(tail_interval);
    }
    return 0;
  }

  int operator()(const drain_command& command) {
    const auto before = node_.ask(list_nodes{});
    if (before.has_error())
      return complain(before.error());
    const auto entry = std::ranges::find(before->nodes, command.node, &node_entry::node);
    if (entry == before->nodes.end())
      return complain({ec::not_found, "there is no node named " + command.node + "; nodes lists all"});
    if (const auto begun = node_.ask(drain_node{command.node, command.force}); begun.has_error())
      return complain(explained(begun.error()));
    if (const auto left = await_leave(*entry); left.has_error())
      return complain(left.error());
    return print(render_drained(command.node, format_));
  }

  int operator()(const scenario_command& command) {
    if (!outside_.run_scenario)
      return complain({ec::invalid_argument, "this shell cannot run scenarios"});
    const auto list = node_.ask(list_nodes{});
    if (list.has_error())
      return complain(list.error());
    const auto gateway =
      std::ranges::find_if(list->nodes, [](const node_entry& node) { return node.reachable && !node.http.empty(); });
    if (gateway == list->nodes.end())
      return complain({ec::unavailable, "no node of the cluster has a gateway that can be reached"});
    return outside_.run_scenario("http://" + gateway->http, command.scenario, format_ == output_format::json);
  }

  /// Carries out what a person typed.
  int run(const typed_line& line) {
    const auto usual = std::exchange(format_, line.format.value_or(format_));
    const auto code = std::visit(*this, line.command);
    format_ = usual;
    return code;
  }

  /// For the completion of a line; what cannot be asked now completes nothing.
  known_names names() {
    return {[this] {
              std::vector<std::string> names;
              if (const auto list = node_.ask(list_nodes{}); list.has_value())
                for (const auto& entry : list->nodes)
                  names.push_back(entry.node);
              return names;
            },
            [this](std::string_view type) {
              std::vector<std::string> ids;
              if (const auto list = node_.ask(list_cluster_actors{{}, {.type = std::string{type}}}); list.has_value())
                for (const auto& entry : list->actors)
                  ids.push_back(entry.id);
              return ids;
            }};
  }

  int operator()(const help_command&) { return print(std::string{help_text()}); }
  int operator()(const exit_command&) { return 0; }

  static int complain(const failure& reason) {
    // A node, or whoever typed it, wrote some of it.
    std::cerr << "waybill: " << to_string(reason.code) << (reason.detail.empty() ? "" : ": ")
              << escape_control_characters(reason.detail, true) << '\n';
    return exit_code_of(reason.code);
  }

private:
  static failure explained(failure reason) {
    if (reason.code == ec::conflict)
      reason.detail += ": requests would fail; --force drains it all the same";
    return reason;
  }

  result<void> await_leave(const node_entry& leaving) {
    const failure still_there{ec::deadline_exceeded, "node " + leaving.node + " has not left yet"};
    if (leaving.node == node_.node())
      return node_.await_end(drain_limit) ? result<void>{} : still_there;
    const interruptible guard;
    for (const auto until = std::chrono::steady_clock::now() + drain_limit; std::chrono::steady_clock::now() < until;) {
      const auto list = node_.ask(list_nodes{});
      if (list.has_error())
        return list.error();
      const auto now = std::ranges::find(list->nodes, leaving.node, &node_entry::node);
      if (now == list->nodes.end() || now->incarnation != leaving.incarnation)
        return {};
      if (interrupted != 0)
        return failure{ec::shutting_down, "interrupted: node " + leaving.node + " goes on leaving"};
      std::this_thread::sleep_for(tail_interval);
    }
    return still_there;
  }

  /// Asks the node again and again: it stops checking when nobody asks any more.
  int audit_everything() {
    const interruptible guard;
    const run_full_audit question{std::random_device{}()};
    const bool shows_progress = ::isatty(STDERR_FILENO) != 0;
    while (interrupted == 0) {
      const auto progress = node_.ask(question);
      if (progress.has_error())
        return complain(progress.error());
      if (shows_progress)
        std::cerr << '\r' << escape_control_characters(progress_line(*progress)) << "\x1b[K"
                  << (progress->done ? "\n" : "") << std::flush;
      if (progress->done) {
        print(render(*progress, format_));
        return progress->total_found == 0 ? 0 : 1;
      }
      std::this_thread::sleep_for(tail_interval);
    }
    return complain({ec::shutting_down, "interrupted: not everything was checked"});
  }

  /// The events of a command say who gave it.
  static provenance origin() {
    provenance made;
    made.correlation_id = "shl_" + make_id_suffix();
    made.by_kind = "operator";
    const auto* user = std::getenv("USER");
    made.by_id = std::string{"shell"} + (user != nullptr && *user != '\0' ? "/" : "") + (user != nullptr ? user : "");
    return made;
  }

  template <class Answer>
  int show(const result<Answer>& answer) {
    if (answer.has_error())
      return complain(answer.error());
    return print(render(*answer, format_));
  }

  static int print(const std::string& text) {
    // People wrote some of it.
    std::cout << escape_control_characters(text, true) << std::flush;
    return 0;
  }

  node_connection& node_;
  output_format format_;
  const hooks& outside_;
};

int interact(executor& execute) {
  terminal input{[&execute](std::string_view line) { return completions(line, execute.names()); }};
  while (auto line = input.read_line()) {
    if (line->find_first_not_of(" \t") == std::string::npos)
      continue;
    const auto parsed = parse_line(*line);
    if (parsed.has_error()) {
      executor::complain(parsed.error());
      continue;
    }
    if (std::holds_alternative<exit_command>(parsed->command))
      return 0;
    execute.run(*parsed);
  }
  std::cout << '\n';
  return 0;
}

/// Commands from a pipe, one a line; ends with the code of the first that fails.
int run_lines(executor& execute) {
  for (std::string line; std::getline(std::cin, line);) {
    if (line.find_first_not_of(" \t\r") == std::string::npos)
      continue;
    const auto parsed = parse_line(line);
    if (parsed.has_error())
      return executor::complain(parsed.error());
    if (std::holds_alternative<exit_command>(parsed->command))
      return 0;
    if (const auto code = execute.run(*parsed); code != 0)
      return code;
  }
  return 0;
}

} // namespace

int run(const std::vector<std::string>& words, const hooks& outside) {
  const auto options = parse_options(words);
  if (options.has_error()) {
    std::cerr << "waybill: " << escape_control_characters(options.error().detail, true) << '\n' << usage_text();
    return 2;
  }
  if (options->help) {
    std::cout << usage_text() << help_text();
    return 0;
  }
  std::optional<typed_line> only;
  if (options->command) {
    auto parsed = parse_line(*options->command);
    if (parsed.has_error())
      return executor::complain(parsed.error());
    only = std::move(*parsed);
  }
  node_connection node{outside.tls};
  if (const auto connected = node.connect(options->host, options->port); connected.has_error()) {
    const auto place = options->host + ':' + std::to_string(options->port);
    std::cerr << "waybill: " << escape_control_characters(place + ": " + connected.error().detail, true) << '\n';
    return exit_code_of(connected.error().code);
  }
  executor execute{node, options->format, outside};
  if (only)
    return execute.run(*only);
  return ::isatty(STDIN_FILENO) != 0 ? interact(execute) : run_lines(execute);
}

} // namespace waybill::shell
