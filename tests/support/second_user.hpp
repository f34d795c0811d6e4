#pragma once

#include "tests/support/node_process.hpp"
#include "tests/support/temp_folder.hpp"

#include <string>
#include <vector>

#include <sys/types.h>

namespace waybill::test {

inline constexpr uid_t nobody = 65'534;

/// Whether tests can start processes of two users; says so when they cannot.
bool can_be_two_users();

/// Runs programs as the user `nobody`. The user need not have access to the folder of the program: the program is
/// already open. Needs root.
class second_user {
public:
  second_user();
  ~second_user();
  second_user(const second_user&) = delete;
  second_user& operator=(const second_user&) = delete;

  /// A script that is started in place of the program.
  [[nodiscard]] std::string program() const { return folder / "waybill-of-nobody"; }

  /// The output of one command of the program.
  [[nodiscard]] command_result run(std::vector<std::string> command) const;

  /// A folder that every user can read. `own` in it belongs to the user `nobody`.
  temp_folder folder;

private:
  int binary_;
};

} // namespace waybill::test
