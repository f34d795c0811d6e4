#pragma once

#include "domain/order/order.hpp"
#include "messages/cluster/cluster.hpp"
#include "messages/common.hpp"
#include "messages/journal/audit.hpp"
#include "messages/journal/event_log.hpp"
#include "shell/syntax/command.hpp"

#include <string>
#include <vector>

/// What the shell prints, as text with the last line's end. The JSON form is stable: one object (of events one a line),
/// fields are only ever added. Pure.
namespace waybill::shell {

std::string render(const node_list& list, output_format format);
std::string render(const actor_list& list, output_format format);
std::string render(const inspect_command& inspected, const entity_description& entity, output_format format);

/// An order: its description and all of its events.
std::string render_order(const entity_description& order, const std::vector<stored_event>& events,
                         output_format format);

std::string render(const stored_event& event, output_format format);
/// The columns of an event as CSV.
std::vector<std::string> event_heading();

/// An order after a command of an operator.
std::string render(const order::state& order, output_format format);

std::string render(const audit_report& report, output_format format);
std::string render(const full_audit_progress& result, output_format format);
/// One line that tells how far a check of everything is.
std::string progress_line(const full_audit_progress& progress);

/// A node that has left.
std::string render_drained(const std::string& node, output_format format);

/// Rows of cells, padded so that columns line up; the first row is the heading. Control characters become `?`.
std::string render_table(const std::vector<std::vector<std::string>>& rows);

/// The exit code that tells scripts what went wrong.
int exit_code_of(ec code);

} // namespace waybill::shell
