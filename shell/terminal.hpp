#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace waybill::shell {

/// Reads lines from the terminal with editing, a history that outlives the process, and completion by the tabulator.
class terminal {
public:
  /// `complete` gives the words that can stand at the end of a line, from their beginning.
  explicit terminal(std::function<std::vector<std::string>(std::string_view)> complete);
  ~terminal();
  terminal(const terminal&) = delete;
  terminal& operator=(const terminal&) = delete;

  /// The next line without its end; nothing at the end of the input. Ctrl-C gives an empty line.
  std::optional<std::string> read_line();

private:
  class impl;
  std::unique_ptr<impl> impl_;
};

/// ${XDG_STATE_HOME:-$HOME/.local/state}/waybill/history; empty when neither variable is set.
std::string history_path();

} // namespace waybill::shell
