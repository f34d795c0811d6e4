#include "persistence/files/database_lock.hpp"

#include "domain/base/errors.hpp"
#include "persistence/files/sqlite_file.hpp"

#include <cerrno>
#include <filesystem>
#include <system_error>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

namespace waybill {

namespace {

/// The same for all paths that lead to the file.
std::string lock_file_of(const std::string& path) {
  std::error_code problem;
  const auto real = std::filesystem::weakly_canonical(path, problem);
  return (problem ? path : real.string()) + ".lock";
}

std::string read_holder(int file) {
  char text[32];
  const auto size = ::pread(file, text, sizeof text, 0);
  std::string number;
  for (ssize_t i = 0; i < size && text[i] >= '0' && text[i] <= '9'; ++i)
    number += text[i];
  return number.empty() ? "another process" : "process " + number;
}

void write_holder(int file) {
  const auto text = std::to_string(::getpid()) + "\n";
  // Only to be told to others: without it they hear of "another process".
  if (::ftruncate(file, 0) == 0)
    (void)!::pwrite(file, text.data(), text.size(), 0);
}

} // namespace

result<std::shared_ptr<const database_lock>> database_lock::take(const std::string& path) {
  if (auto made = make_private_folder(path); made.has_error())
    return made.error();
  const auto name = lock_file_of(path);
  const int file = ::open(name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0)
    return failure{ec::unavailable, "the lock " + name + " cannot be made: " + std::generic_category().message(errno)};
  const std::shared_ptr<const database_lock> lock{new database_lock{file}};
  if (::flock(file, LOCK_EX | LOCK_NB) != 0) {
    const int error = errno;
    if (error == EWOULDBLOCK)
      return failure{ec::conflict, "the database " + path + " is in use by " + read_holder(file)};
    return failure{ec::unavailable, "the lock " + name + " cannot be taken: " + std::generic_category().message(error)};
  }
  write_holder(file);
  return lock;
}

database_lock::~database_lock() {
  ::close(file_);
}

} // namespace waybill
