#include "shell/shell.hpp"

#include "domain/base/errors.hpp"
#include "domain/text/unicode.hpp"
#include "shell/node_connection.hpp"
#include "shell/run/executor.hpp"
#include "shell/syntax/command.hpp"
#include "shell/syntax/reference.hpp"
#include "shell/terminal.hpp"
#include "shell/views/render.hpp"

#include <iostream>
#include <optional>
#include <unistd.h>

namespace waybill::shell {

namespace {

int interact(executor& execute) {
  terminal input{[&execute](std::string_view line) { return completions(line, execute.names()); }};
  while (auto line = input.read_line()) {
    if (line->find_first_not_of(" \t") == std::string::npos)
      continue;
    const auto parsed = parse_line(*line);
    if (parsed.has_error()) {
      executor::complain(parsed.error());
      continue;
    }
    if (std::holds_alternative<exit_command>(parsed->command))
      return 0;
    execute.run(*parsed);
  }
  std::cout << '\n';
  return 0;
}

/// Commands from a pipe, one a line; ends with the code of the first that fails.
int run_lines(executor& execute) {
  for (std::string line; std::getline(std::cin, line);) {
    if (line.find_first_not_of(" \t\r") == std::string::npos)
      continue;
    const auto parsed = parse_line(line);
    if (parsed.has_error())
      return executor::complain(parsed.error());
    if (std::holds_alternative<exit_command>(parsed->command))
      return 0;
    if (const auto code = execute.run(*parsed); code != 0)
      return code;
  }
  return 0;
}

} // namespace

int run(const std::vector<std::string>& words, const hooks& outside) {
  const auto options = parse_options(words);
  if (options.has_error()) {
    std::cerr << "waybill: " << escape_control_characters(options.error().detail, true) << '\n' << usage_text();
    return 2;
  }
  if (options->help) {
    std::cout << usage_text() << help_text();
    return 0;
  }
  std::optional<typed_line> only;
  if (options->command) {
    auto parsed = parse_line(*options->command);
    if (parsed.has_error())
      return executor::complain(parsed.error());
    only = std::move(*parsed);
  }
  node_connection node{outside.tls};
  if (only && needs_no_node(only->command))
    return executor{node, options->format, outside}.run(*only);
  if (const auto connected = node.connect(options->host, options->port); connected.has_error()) {
    const auto place = options->host + ':' + std::to_string(options->port);
    std::cerr << "waybill: " << escape_control_characters(place + ": " + connected.error().detail, true) << '\n';
    return exit_code_of(connected.error().code);
  }
  executor execute{node, options->format, outside};
  if (only)
    return execute.run(*only);
  return ::isatty(STDIN_FILENO) != 0 ? interact(execute) : run_lines(execute);
}

} // namespace waybill::shell
