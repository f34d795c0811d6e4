#pragma once

#include "domain/base/errors.hpp"
#include "shell/syntax/command.hpp"

#include <string_view>
#include <variant>

#include <caf/test/bdd_dsl.hpp>

namespace waybill::test {

/// The command that a line means; the test fails when the line is refused, or is another command.
template <class T>
T parsed(std::string_view line) {
  auto outcome = shell::parse_line(line);
  if (outcome.has_error())
    CAF_FAIL(line << ": " << outcome.error().detail);
  if (!std::holds_alternative<T>(outcome->command))
    CAF_FAIL(line << ": parsed as another command");
  return std::get<T>(outcome->command);
}

} // namespace waybill::test
