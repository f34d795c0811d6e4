#include "domain/base/errors.hpp"
#include "domain/text/unicode.hpp"
#include "shell/run/executor.hpp"
#include "shell/syntax/reference.hpp"
#include "shell/views/render.hpp"
#include "shell/views/system_views.hpp"
#include "transport/endpoint.hpp"

#include <algorithm>
#include <chrono>
#include <iostream>
#include <unistd.h>

// Nodes, and what they measure.

namespace waybill::shell {

namespace {

using namespace std::chrono_literals;

constexpr auto look_interval = 1s;
/// As many as fit a terminal beside the nodes.
constexpr std::uint32_t busiest = 15;

void clear_screen() {
  if (::isatty(STDOUT_FILENO) != 0)
    std::cout << "\x1b[H\x1b[2J";
}

} // namespace

std::vector<node_report> executor::ask_all_nodes() {
  std::vector<node_report> reports;
  const auto list = node_.ask(list_nodes{});
  if (list.has_error()) {
    complain(list.error());
    return reports;
  }
  for (const auto& entry : list->nodes) {
    auto* connection = &node_;
    const auto address = parse_endpoint(entry.address);
    if (entry.node != node_.node()) {
      auto known = std::ranges::find(others_, entry.address, [](const auto& other) { return other.first; });
      if (known == others_.end() && address) {
        auto made = std::make_unique<node_connection>(outside_.tls);
        if (made->connect(address->host, address->port).has_value())
          known = others_.insert(others_.end(), {entry.address, std::move(made)});
      }
      connection = known == others_.end() ? nullptr : known->second.get();
    }
    auto report = connection == nullptr
                    ? result<node_report>{failure{ec::unavailable, "it cannot be reached from here"}}
                    : connection->ask(get_node_report{});
    if (report.has_value()) {
      reports.push_back(std::move(*report));
      continue;
    }
    std::cerr << "waybill: node " << escape_control_characters(entry.node)
              << " is left out: " << escape_control_characters(report.error().detail) << '\n';
    std::erase_if(others_, [&](const auto& other) { return other.first == entry.address; });
  }
  return reports;
}

std::vector<std::string> executor::troubles_of_all() {
  std::vector<std::string> all;
  for (auto& report : ask_all_nodes())
    for (auto& trouble : report.troubles)
      if (std::ranges::find(all, trouble) == all.end())
        all.push_back(std::move(trouble));
  return all;
}

int executor::operator()(const latency_command&) {
  const auto reports = ask_all_nodes();
  if (reports.empty())
    return complain({ec::unavailable, "no node tells what it has measured"});
  return print(render_latency(reports, format_));
}

int executor::operator()(const shards_command& command) {
  const auto list = node_.ask(list_nodes{});
  if (list.has_error())
    return complain(list.error());
  return print(command.of.empty() ? render_shards(*list, format_) : render_owner(*list, command.of, format_));
}

int executor::operator()(const lease_command&) {
  const auto list = node_.ask(list_nodes{});
  if (list.has_error())
    return complain(list.error());
  return print(render_leases(*list, now(), format_));
}

int executor::operator()(const top_command& command) {
  const interruptible guard;
  const bool once = command.once || ::isatty(STDOUT_FILENO) == 0;
  auto before = ask_all_nodes();
  auto looked_at = std::chrono::steady_clock::now();
  while (!guard.was_interrupted()) {
    guard.pause(look_interval);
    if (guard.was_interrupted() && !once)
      break;
    auto after = ask_all_nodes();
    const auto now = std::chrono::steady_clock::now();
    if (after.empty())
      return complain({ec::unavailable, "no node tells what it has measured"});
    const auto actors = node_.ask(list_cluster_actors{{}, {.type = {}, .by_mailbox = true, .limit = busiest}});
    if (actors.has_error())
      return complain(actors.error());
    if (!once)
      clear_screen();
    print(render_top(before, after, std::chrono::duration_cast<milliseconds>(now - looked_at), *actors, format_));
    if (once)
      return 0;
    before = std::move(after);
    looked_at = now;
  }
  return 0;
}

int executor::operator()(const watch_command& command) {
  const auto line = parse_line(command.line);
  if (line.has_error())
    return complain(line.error());
  int code = 0;
  for (std::uint32_t done = 0; command.times == 0 || done < command.times;) {
    if (format_ == output_format::table)
      clear_screen();
    code = run({line->command, line->format ? line->format : format_});
    // Nobody reads the other end of the pipe any more.
    if (!std::cout.flush())
      return code;
    if (++done == command.times)
      break;
    const interruptible guard;
    guard.pause(command.every);
    if (guard.was_interrupted())
      break;
  }
  return code;
}

int executor::operator()(const completion_command& command) {
  return print(completion_script(command.shell));
}

int executor::operator()(const man_command&) {
  return print(man_page());
}

} // namespace waybill::shell
