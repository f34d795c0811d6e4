#pragma once

#include "domain/base/result.hpp"
#include "messages/cluster/node_report.hpp"
#include "shell/hooks.hpp"
#include "shell/node_connection.hpp"
#include "shell/run/interruption.hpp"
#include "shell/syntax/command.hpp"

#include <memory>
#include <string>
#include <vector>

namespace waybill::shell {

/// Carries out commands against one node; each answers with an exit code.
class executor {
public:
  executor(node_connection& node, output_format format, const hooks& outside)
    : node_(node), format_(format), outside_(outside) {}

  /// Carries out what a person typed.
  int run(const typed_line& line);

  /// For the completion of a line; what cannot be asked now completes nothing.
  known_names names();

  /// Tells the reason, and answers with its exit code.
  static int complain(const failure& reason);

  // executor.cpp
  int operator()(const nodes_command&);
  int operator()(const actors_command& command);
  int operator()(const inspect_command& command);
  int operator()(const retry_command& command);
  int operator()(const resolve_command& command);
  int operator()(const audit_command& command);
  int operator()(const tail_command& command);
  int operator()(const drain_command& command);
  int operator()(const scenario_command& command);
  int operator()(const help_command& command);
  int operator()(const exit_command&);

  // order_commands.cpp
  int operator()(const order_command& command);
  int operator()(const diff_command& command);
  int operator()(const why_command& command);
  int operator()(const export_command& command);
  int operator()(const replay_command& command);

  // trace_command.cpp
  int operator()(const trace_command& command);

  // bulk_commands.cpp
  int operator()(const stuck_command& command);
  int operator()(const bulk_command& command);
  int operator()(const dead_letters_command& command);

  // system_commands.cpp
  int operator()(const latency_command&);
  int operator()(const shards_command& command);
  int operator()(const lease_command&);
  int operator()(const top_command& command);
  int operator()(const watch_command& command);
  int operator()(const completion_command& command);
  int operator()(const man_command&);

private:
  class trace_run;

  result<void> await_leave(const node_entry& leaving);
  int audit_everything();

  /// The events of an order, its payments and its delivery, in the order of the log.
  result<std::vector<stored_event>> events_of(const std::string& order);
  int show_past(const order_command& command, const std::vector<stored_event>& events);

  /// The orders of a selection, at most `limit`; `more`: others are selected as well.
  struct selected_orders {
    std::vector<order::state> orders;
    bool more = false;
  };
  result<selected_orders> select(const order_selection& where, std::size_t limit);
  result<bulk::state> await_end(bulk::state action);
  /// False when the person, or the lack of a terminal, says no.
  static bool confirm(const std::string& question, bool yes);

  /// What every node has measured of itself; one that cannot be asked is told of.
  std::vector<node_report> ask_all_nodes();
  /// What any of them knows to be wrong, each sentence once.
  std::vector<std::string> troubles_of_all();

  /// The events of a command say who gave it.
  static provenance origin();

  template <class Answer>
  int show(const result<Answer>& answer);
  int print(const std::string& text) const;

  node_connection& node_;
  output_format format_;
  const hooks& outside_;
  /// Of the terminal, while a table is shown there; zero: as wide as it is.
  std::size_t width_ = 0;
  /// The same for colours.
  bool colours_ = false;
  /// To other nodes of the cluster, by address; made when they are needed first.
  std::vector<std::pair<std::string, std::unique_ptr<node_connection>>> others_;
};

} // namespace waybill::shell
