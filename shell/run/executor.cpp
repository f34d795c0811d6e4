#include "shell/run/executor.hpp"

#include "domain/base/errors.hpp"
#include "domain/text/unicode.hpp"
#include "shell/run/show.hpp"
#include "shell/syntax/reference.hpp"
#include "shell/views/colours.hpp"
#include "shell/views/listing.hpp"
#include "shell/views/render.hpp"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <random>
#include <sys/ioctl.h>
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

/// Those whose answer is a list, which has rows.
bool is_list(const shell_command& parsed) {
  if (const auto* order = std::get_if<order_command>(&parsed))
    return order->timeline;
  return !std::holds_alternative<inspect_command>(parsed) && !std::holds_alternative<why_command>(parsed)
         && !std::holds_alternative<export_command>(parsed) && !std::holds_alternative<retry_command>(parsed)
         && !std::holds_alternative<resolve_command>(parsed) && !std::holds_alternative<audit_command>(parsed)
         && !std::holds_alternative<drain_command>(parsed) && !std::holds_alternative<scenario_command>(parsed);
}

/// Text that is read to its end, whatever the width.
bool is_prose(const shell_command& parsed) {
  return std::holds_alternative<help_command>(parsed) || std::holds_alternative<man_command>(parsed)
         || std::holds_alternative<completion_command>(parsed) || std::holds_alternative<diff_command>(parsed);
}

/// Zero when nobody says it.
std::size_t terminal_width() {
  winsize size{};
  return ::isatty(STDOUT_FILENO) != 0 && ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

/// https://no-color.org
bool is_coloured_terminal() {
  const auto* const unwanted = std::getenv("NO_COLOR");
  const auto* const kind = std::getenv("TERM");
  return ::isatty(STDOUT_FILENO) != 0 && (unwanted == nullptr || *unwanted == '\0')
         && (kind == nullptr || std::string_view{kind} != "dumb");
}

failure explained(failure reason) {
  if (reason.code == ec::conflict)
    reason.detail += ": requests would fail; --force drains it all the same";
  return reason;
}

} // namespace

int executor::run(const typed_line& line) {
  auto format = line.format.value_or(format_);
  if (!is_list(line.command)) {
    if (format == output_format::csv)
      return complain({ec::invalid_argument, "csv is for lists; this command answers with one object: -o json"});
    // One object is one line.
    if (format == output_format::jsonl)
      format = output_format::json;
  }
  const auto usual = std::exchange(format_, format);
  width_ = format == output_format::table && is_list(line.command) && !is_prose(line.command) ? terminal_width() : 0;
  colours_ = format == output_format::table && !is_prose(line.command) && is_coloured_terminal();
  const auto code = std::visit(*this, line.command);
  format_ = usual;
  return code;
}

known_names executor::names() {
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

int executor::complain(const failure& reason) {
  // A node, or whoever typed it, wrote some of it.
  std::cerr << "waybill: " << to_string(reason.code) << (reason.detail.empty() ? "" : ": ")
            << escape_control_characters(reason.detail, true) << '\n';
  return exit_code_of(reason.code);
}

int executor::print(const std::string& text) const {
  // People wrote some of it.
  const auto shown = fit_to_width(escape_control_characters(text, true), width_);
  std::cout << (colours_ ? with_colours(shown) : shown) << std::flush;
  return 0;
}

provenance executor::origin() {
  provenance made;
  made.correlation_id = "shl_" + make_id_suffix();
  made.by_kind = "operator";
  const auto* user = std::getenv("USER");
  made.by_id = std::string{"shell"} + (user != nullptr && *user != '\0' ? "/" : "") + (user != nullptr ? user : "");
  return made;
}

// -- commands ---------------------------------------------------------------------------------------------------------

int executor::operator()(const nodes_command&) {
  return show(node_.ask(list_nodes{}));
}

int executor::operator()(const actors_command& command) {
  return show(node_.ask(list_cluster_actors{command.node, {.type = command.type, .by_mailbox = command.by_mailbox}}));
}

int executor::operator()(const inspect_command& command) {
  const auto entity = node_.ask(inspect_actor{command.type, command.id});
  if (entity.has_error())
    return complain(entity.error());
  return print(render(command, *entity, format_));
}

int executor::operator()(const retry_command& command) {
  return show(
    node_.ask(retry_order{order_id{command.id}, make_id_suffix(), command.reason, 0, origin(), of_everything()}));
}

int executor::operator()(const resolve_command& command) {
  return show(
    node_.ask(resolve_order{order_id{command.id}, command.outcome, command.reason, 0, origin(), of_everything()}));
}

int executor::operator()(const audit_command& command) {
  if (command.everything)
    return audit_everything();
  const auto report = node_.ask(get_audit_report{});
  if (report.has_error())
    return complain(report.error());
  print(render(*report, format_));
  return report->open.empty() ? 0 : 1;
}

int executor::operator()(const tail_command& command) {
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
  if (format_ == output_format::csv)
    std::cout << csv_line(event_heading());
  const interruptible guard;
  while (!guard.was_interrupted()) {
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
      guard.pause(tail_interval);
  }
  return 0;
}

int executor::operator()(const drain_command& command) {
  const auto before = node_.ask(list_nodes{});
  if (before.has_error())
    return complain(before.error());
  const auto entry = std::ranges::find(before->nodes, command.node, &node_entry::node);
  if (entry == before->nodes.end())
    return complain({ec::not_found, "there is no node named " + command.node + "; nodes lists all"});
  if (const auto begun = node_.ask(drain_node{command.node, command.force, "the shell"}); begun.has_error())
    return complain(explained(begun.error()));
  if (const auto left = await_leave(*entry); left.has_error())
    return complain(left.error());
  return print(render_drained(command.node, format_));
}

int executor::operator()(const scenario_command& command) {
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

int executor::operator()(const help_command& command) {
  return print(command.of.empty() ? help_text() : help_of(command.of));
}

int executor::operator()(const exit_command&) {
  return 0;
}

// -- waiting ----------------------------------------------------------------------------------------------------------

result<void> executor::await_leave(const node_entry& leaving) {
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
    if (guard.was_interrupted())
      return failure{ec::shutting_down, "interrupted: node " + leaving.node + " keeps draining"};
    guard.pause(tail_interval);
  }
  return still_there;
}

/// Asks the node again and again: it stops checking when nobody asks any more.
int executor::audit_everything() {
  const interruptible guard;
  const run_full_audit question{std::random_device{}()};
  const bool shows_progress = ::isatty(STDERR_FILENO) != 0;
  while (!guard.was_interrupted()) {
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
    guard.pause(tail_interval);
  }
  return complain({ec::shutting_down, "interrupted: not everything was checked"});
}

} // namespace waybill::shell
