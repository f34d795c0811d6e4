#pragma once

#include <iostream>
#include <sstream>
#include <string>
#include <vector>

namespace waybill::testing {

struct outcome {
  int code = 0;
  std::string out;
  std::string err;
};

/// Runs a command and captures its output.
template <class Command>
outcome run(Command command, std::vector<std::string> args) {
  std::ostringstream out;
  std::ostringstream err;
  auto* const old_out = std::cout.rdbuf(out.rdbuf());
  auto* const old_err = std::cerr.rdbuf(err.rdbuf());
  const auto code = command(std::move(args));
  std::cout.rdbuf(old_out);
  std::cerr.rdbuf(old_err);
  return {code, out.str(), err.str()};
}

} // namespace waybill::testing
