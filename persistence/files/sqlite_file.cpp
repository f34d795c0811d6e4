#include "persistence/files/sqlite_file.hpp"

#include "domain/base/errors.hpp"

#include <cerrno>
#include <filesystem>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

namespace waybill {

namespace {

constexpr mode_t private_file = 0600;
constexpr mode_t private_folder = 0700;

failure not_made(const std::string& path, int error) {
  return {ec::unavailable, path + " cannot be made: " + std::generic_category().message(error)};
}

/// `0644`
std::string to_octal(mode_t mode) {
  std::string digits;
  for (const int shift : {9, 6, 3, 0})
    digits += static_cast<char>('0' + ((mode >> shift) & 7U));
  return digits;
}

/// Empty when nobody but this user and root can do with the file what only its owner should do.
std::string exposure_of(const std::string& path, mode_t forbidden, const std::string& act) {
  struct stat file {};
  if (::stat(path.c_str(), &file) != 0)
    return {};
  if (file.st_uid != ::geteuid() && file.st_uid != 0)
    return path + " belongs to another user (" + std::to_string(file.st_uid) + "), who can read and replace it";
  const bool everybody_owns_theirs = S_ISDIR(file.st_mode) && (file.st_mode & S_ISVTX) != 0;
  if ((file.st_mode & forbidden) == 0 || everybody_owns_theirs)
    return {};
  return "other users can " + act + " " + path + " (mode " + to_octal(file.st_mode & 07777U) + "); chmod "
         + (S_ISDIR(file.st_mode) ? "700 " : "600 ") + path + " keeps them out";
}

} // namespace

std::optional<std::string> sqlite_path(std::string_view url) {
  constexpr std::string_view prefix = "sqlite:";
  if (!url.starts_with(prefix))
    return std::nullopt;
  return std::string{url.substr(prefix.size())};
}

std::vector<std::string> files_of(const std::string& path) {
  return {path, path + "-wal", path + "-shm"};
}

std::string folder_of(const std::string& path) {
  const auto folder = std::filesystem::path{path}.parent_path();
  return folder.empty() ? "." : folder.string();
}

void sync_to_disk(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  const bool synced = file >= 0 && ::fsync(file) == 0;
  const int error = errno;
  if (file >= 0)
    ::close(file);
  if (!synced)
    throw std::system_error{error, std::generic_category(), path};
}

result<void> make_private_folder(const std::string& path) {
  std::filesystem::path made;
  for (const auto& part : std::filesystem::path{folder_of(path)}) {
    made /= part;
    std::error_code ignored;
    if (std::filesystem::exists(made, ignored))
      continue;
    // Another process may have made it meanwhile.
    if (::mkdir(made.c_str(), private_folder) != 0 && errno != EEXIST)
      return not_made(made.string(), errno);
  }
  return {};
}

result<void> make_private_file(const std::string& path) {
  if (path.starts_with("file:") || path.starts_with(':'))
    return failure{ec::invalid_argument, "store: " + path + " is no path of a file"};
  if (auto made = make_private_folder(path); made.has_error())
    return made;
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, private_file);
  if (file < 0)
    return errno == EEXIST ? result<void>{} : not_made(path, errno);
  // The umask may have taken rights from the owner too. The file is new: nobody has locks on it that end here.
  const bool is_private = ::fchmod(file, private_file) == 0;
  const int error = errno;
  ::close(file);
  return is_private ? result<void>{} : not_made(path, error);
}

std::vector<std::string> find_exposed_files(const std::string& path) {
  std::vector<std::string> exposed;
  const auto add = [&](std::string sentence) {
    if (!sentence.empty())
      exposed.push_back(std::move(sentence));
  };
  for (const auto& file : files_of(path))
    add(exposure_of(file, S_IRWXG | S_IRWXO, "read"));
  add(exposure_of(folder_of(path), S_IWGRP | S_IWOTH, "replace what is in"));
  return exposed;
}

std::optional<file_identity> identify_file(const std::string& path) {
  struct stat file {};
  if (::stat(path.c_str(), &file) != 0)
    return std::nullopt;
  return file_identity{file.st_dev, file.st_ino};
}

bool is_write_protected(const std::string& path) {
  return ::access(path.c_str(), W_OK) != 0 && (errno == EROFS || errno == EACCES);
}

bool is_disk_full(const std::string& path) {
  constexpr std::uint64_t least = 1U << 20U;
  struct statvfs disk {};
  return ::statvfs(path.c_str(), &disk) == 0 && std::uint64_t{disk.f_bavail} * disk.f_frsize < least;
}

} // namespace waybill
