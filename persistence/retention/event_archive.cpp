#include "persistence/retention/event_archive.hpp"

#include "domain/base/errors.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace waybill {

namespace {

failure not_written(const std::string& path, int error) {
  return {ec::unavailable, "the archive " + path + " cannot be written: " + std::generic_category().message(error)};
}

/// The events hold names and addresses: as the database, the archive is for the node's user alone.
constexpr mode_t private_file = S_IRUSR | S_IWUSR;

/// Closes its descriptor at the end of its life.
class file {
public:
  file(const std::string& path, int flags) : descriptor_{::open(path.c_str(), flags | O_CLOEXEC, private_file)} {}
  ~file() {
    if (descriptor_ >= 0)
      ::close(descriptor_);
  }
  file(const file&) = delete;
  file& operator=(const file&) = delete;

  [[nodiscard]] bool is_open() const noexcept { return descriptor_ >= 0; }

  /// Also when an earlier program left it with other rights, and whatever the umask is.
  [[nodiscard]] bool make_private() const { return ::fchmod(descriptor_, private_file) == 0; }

  bool write(std::string_view text) const {
    while (!text.empty()) {
      const auto count = ::write(descriptor_, text.data(), text.size());
      if (count < 0 && errno == EINTR)
        continue;
      if (count < 0)
        return false;
      text.remove_prefix(static_cast<std::size_t>(count));
    }
    return true;
  }

  [[nodiscard]] bool sync() const { return ::fsync(descriptor_) == 0; }

  /// Some file systems report only now that the disk is full.
  bool close() { return ::close(std::exchange(descriptor_, -1)) == 0; }

private:
  int descriptor_;
};

/// Removes the file unless it was renamed.
class unfinished_file {
public:
  explicit unfinished_file(std::string path) : path_{std::move(path)} {}
  ~unfinished_file() {
    if (!path_.empty())
      ::unlink(path_.c_str());
  }
  unfinished_file(const unfinished_file&) = delete;
  unfinished_file& operator=(const unfinished_file&) = delete;

  [[nodiscard]] const std::string& path() const noexcept { return path_; }

  bool rename(const std::string& to) {
    if (std::rename(path_.c_str(), to.c_str()) != 0)
      return false;
    path_.clear();
    return true;
  }

private:
  std::string path_;
};

} // namespace

std::string archive_name(const log_range& range) {
  return "events-" + to_string(range.begin) + "-" + to_string(range.end) + ".jsonl";
}

event_archive::event_archive(std::string folder, const std::string& writer, to_line line)
  : folder_{std::move(folder)}, suffix_{"." + writer + ".unfinished"}, line_{std::move(line)} {
  std::replace(suffix_.begin(), suffix_.end(), '/', '_');
}

result<std::string> event_archive::write(const log_range& range, const read_on& read) const {
  std::error_code made;
  std::filesystem::create_directories(folder_, made);
  if (made)
    return not_written(folder_, made.value());
  const auto name = archive_name(range);
  const auto path = folder_ + "/" + name;
  unfinished_file draft{path + suffix_};
  file out{draft.path(), O_WRONLY | O_CREAT | O_TRUNC};
  if (!out.is_open() || !out.make_private())
    return not_written(draft.path(), errno);
  for (auto after = range.begin;;) {
    const auto page = read(after);
    if (!page)
      return page.error();
    if (page->events.empty())
      break;
    std::string text;
    for (const auto& event : page->events)
      text += line_(event) + "\n";
    if (!out.write(text))
      return not_written(draft.path(), errno);
    after = page->events.back().position;
  }
  // The file gets its name when its content is on the disk; the name is on the disk when the folder is.
  const file folder{folder_, O_RDONLY | O_DIRECTORY};
  if (!out.sync() || !out.close() || !draft.rename(path) || !folder.is_open() || !folder.sync())
    return not_written(path, errno);
  return name;
}

} // namespace waybill
