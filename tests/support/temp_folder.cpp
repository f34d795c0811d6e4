#include "tests/support/temp_folder.hpp"

#include <csignal>
#include <cstdlib>
#include <stdexcept>
#include <system_error>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace waybill::test {

namespace {

/// Starts a process that removes `path` when this process has ended, also by a crash or by the test's watchdog: then
/// the pipe is closed. Between fork and exec it calls only what is safe in a process with threads.
pid_t start_reaper(const std::string& path, int& lifeline) {
  int ends[2] = {-1, -1};
  if (::pipe2(ends, O_CLOEXEC) != 0)
    throw std::runtime_error("no pipe");
  const auto reaper = ::fork();
  if (reaper != 0) {
    ::close(ends[0]);
    lifeline = ends[1];
    return reaper;
  }
  ::setpgid(0, 0);
  ::dup2(ends[0], STDIN_FILENO);
  ::close_range(STDERR_FILENO + 1, ~0U, 0);
  char byte = 0;
  while (::read(STDIN_FILENO, &byte, 1) > 0) {
  }
  // Again after a moment: other processes of the test end at the same time and may still have written.
  ::execl("/bin/sh", "sh", "-c", "rm -rf \"$0\"; sleep 1; rm -rf \"$0\"", path.c_str(), nullptr);
  ::_exit(127);
}

} // namespace

temp_folder::temp_folder() {
  auto pattern = (std::filesystem::temp_directory_path() / "waybill-test-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr)
    throw std::runtime_error("no temporary folder");
  path_ = pattern;
  reaper_ = start_reaper(path_, lifeline_);
}

temp_folder::~temp_folder() {
  if (reaper_ > 0) {
    ::kill(reaper_, SIGKILL);
    ::waitpid(reaper_, nullptr, 0);
  }
  ::close(lifeline_);
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

} // namespace waybill::test
