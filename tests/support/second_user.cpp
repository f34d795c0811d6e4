#include "tests/support/second_user.hpp"

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include <fcntl.h>
#include <unistd.h>

namespace waybill::test {

namespace {

namespace fs = std::filesystem;

std::string text_of(const std::string& path) {
  std::ifstream file{path};
  return {std::istreambuf_iterator<char>{file}, {}};
}

} // namespace

bool can_be_two_users() {
  if (::geteuid() == 0)
    return true;
  std::puts("skipped: only root can start processes of two users");
  return false;
}

second_user::second_user() : binary_{::open(waybill_binary().c_str(), O_RDONLY)} {
  fs::permissions(folder.path(), fs::perms{0711});
  fs::create_directory(folder / "own");
  if (::chown((folder / "own").c_str(), nobody, nobody) != 0)
    throw std::runtime_error("a folder cannot be given to nobody");
  std::ofstream{program()} << "#!/bin/sh\nexec setpriv --reuid=65534 --regid=65534 --clear-groups /proc/self/fd/"
                           << binary_ << " \"$@\"\n";
  fs::permissions(program(), fs::perms{0755});
}

second_user::~second_user() {
  ::close(binary_);
}

command_result second_user::run(std::vector<std::string> command) const {
  const temp_folder output;
  command.insert(command.begin(), program());
  child_process process{command, output / "out", output / "err"};
  const auto code = process.wait(std::chrono::seconds{120});
  return {code, text_of(output / "out"), text_of(output / "err")};
}

} // namespace waybill::test
