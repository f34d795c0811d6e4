#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

/// What the commands are, for people: the one list from which help, the manual page and completion are made.
namespace waybill::shell {

struct option_reference {
  std::string_view name;
  /// What stands behind it; empty: nothing.
  std::string_view value;
  std::string_view meaning;
};

struct command_reference {
  std::string_view name;
  /// What may stand behind the name.
  std::string_view arguments;
  /// One line, without a full stop.
  std::string_view summary;
  std::vector<option_reference> options;
  std::string_view details;
  std::string_view example;
};

/// In the order of `help`.
std::span<const command_reference> all_commands();

/// All commands, a line each.
std::string help_text();
/// One command with its options and an example; empty for a name that is none.
std::string help_of(std::string_view name);
std::string usage_text();

/// `waybill-shell(1)`, in the language of man(7).
std::string man_page();

/// What bash or zsh reads to complete `waybill shell ...`.
std::string completion_script(std::string_view shell);

} // namespace waybill::shell
