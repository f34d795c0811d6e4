#pragma once

#include "nodes/config.hpp"

#include <functional>
#include <span>
#include <string>
#include <string_view>

namespace waybill {

/// One row of the table of options: its name in flags and files, and how its text becomes a part of node_config and
/// back. The environment variable is WAYBILL_ and the name in capitals with underscores.
struct option {
  std::string_view name;
  std::string_view help;
  /// Never shown; may also be given as the name of a file, by `<name>-file`.
  bool secret = false;
  /// Says what the value should have been, or nothing when it was taken.
  std::function<std::string(node_config&, std::string_view)> set;
  std::function<std::string(const node_config&)> show;
};

/// In the order of the help.
std::span<const option> all_options();

/// `250ms`, `4s`, `2m`, `1h`.
std::optional<milliseconds> parse_duration(std::string_view text);
std::string to_text(milliseconds duration);

} // namespace waybill
