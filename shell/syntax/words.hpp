#pragma once

#include "domain/base/result.hpp"
#include "domain/base/time.hpp"
#include "shell/syntax/command.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What the parts of the language share: words, options, numbers.
namespace waybill::shell {

using words = std::vector<std::string>;

/// ec::invalid_argument.
failure invalid(std::string detail);

/// Takes `--name value` and `--name=value` off the words, the first of them; nothing when it is not there.
result<std::optional<std::string>> take_option(words& from, std::string_view name);
/// Takes `--name` off the words; whether it was there.
bool take_flag(words& from, std::string_view name);

result<shell_command> no_more(const words& rest, shell_command parsed);

/// `a, b, c`
std::string listed(const words& all);

/// A line that splits into these words again.
std::string quoted(const words& all);

} // namespace waybill::shell
