#pragma once

#include "domain/base/time.hpp"
#include "shell/syntax/command.hpp"

#include <string>
#include <vector>

namespace waybill::shell {

/// Something that happened to an order while somebody looked on.
struct trace_line {
  timestamp at;
  /// `message`, `answer`, `retry`, `event`, `step` of its saga, `order` (how it stands), `dropped` or `end`.
  std::string kind;
  /// Of a message, an answer, an event, a step; of the last three its status, or how many.
  std::string name;
  std::string detail;
  /// Where it happened.
  std::string node = {};
  /// Ids, or words for who has none: `gateway`, `provider`. Empty: unknown, or nobody.
  std::string from = {};
  /// The node from which it came, when it is another one.
  std::string from_node = {};
  std::string to = {};
  std::string outcome = {};
};

/// The columns, before the first line; empty for the formats that have none.
std::string trace_heading(output_format format);

/// A line of the trace of `order`: in a table, its own entities go by their kinds. A JSON document of one line for json
/// and jsonl; its members are only ever added.
std::string render(const trace_line& line, const std::string& order, output_format format);

} // namespace waybill::shell
