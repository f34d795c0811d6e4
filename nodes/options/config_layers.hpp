#pragma once

#include "nodes/options/config.hpp"

#include <map>
#include <string>
#include <vector>

namespace waybill {

/// A value and where it stands: `flag`, `environment`, or a file's name and the number of the line.
struct given_value {
  std::string text;
  std::string source;
};

/// The values that one source gives, by the name of the option.
using config_layer = std::map<std::string, given_value, std::less<>>;

/// Each fails with ec::invalid_argument and one line that names the option; values are never part of it: they may be
/// secrets. `--name=value` or `--name value`. `other_options` may have been meant by a name that is unknown here.
result<config_layer> read_flags(const std::vector<std::string>& arguments,
                                const std::vector<std::string>& other_options = {});
/// `name = value` lines; what stands behind a # is no part of them.
result<config_layer> read_config_file(const std::string& path);
/// The variables with our prefix.
result<config_layer> read_environment(const std::map<std::string, std::string>& environment);

/// Replaces what earlier sources gave.
result<void> apply_layer(loaded_config& loaded, config_layer values);

failure invalid_option(std::string detail);

} // namespace waybill
