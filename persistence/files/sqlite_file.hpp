#pragma once

#include "domain/base/result.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace waybill {

/// The path in `sqlite:<path>`; nothing for a database of another kind.
std::optional<std::string> sqlite_path(std::string_view url);

/// The files of the database at `path`: itself, its log and the log's index. Not all of them need exist.
std::vector<std::string> files_of(const std::string& path);

/// Of the file at `path`; `.` when it names none.
std::string folder_of(const std::string& path);

/// Puts a file, or the names in a folder, on the disk. Throws std::system_error.
void sync_to_disk(const std::string& path);

/// Makes the folder of `path`, for this user alone, if there is none.
result<void> make_private_folder(const std::string& path);

/// Makes the file and its folder, for this user alone whatever the umask is, if they do not exist: keys and passwords'
/// hashes are inside. SQLite gives its other files the same mode. Fails with ec::unavailable and the reason.
result<void> make_private_file(const std::string& path);

/// One sentence for each file of the database, or its folder, that another user can read or replace.
std::vector<std::string> find_exposed_files(const std::string& path);

/// Which file lies at a path.
struct file_identity {
  std::uint64_t device = 0;
  std::uint64_t number = 0;

  friend bool operator==(const file_identity&, const file_identity&) = default;
};

/// Nothing when there is none. Does not open the file: to close it would give up the locks that SQLite holds on it.
std::optional<file_identity> identify_file(const std::string& path);

/// Whether the file system or the rights forbid to write the file, which exists.
bool is_write_protected(const std::string& path);

/// Whether less than a mebibyte is free where the file lies.
bool is_disk_full(const std::string& path);

} // namespace waybill
