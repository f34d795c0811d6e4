#pragma once

#include "domain/base/time.hpp"
#include "shell/syntax/command.hpp"

#include <string>

namespace waybill::shell {

/// Something that happened to an order while somebody looked on.
struct trace_line {
  timestamp at;
  /// `event`, `step` of its saga, or `end`.
  std::string kind;
  std::string name;
  std::string detail;
};

/// A line, or a JSON document of one line in every other format.
std::string render(const trace_line& line, output_format format);

} // namespace waybill::shell
