#pragma once

#include <filesystem>
#include <string>

#include <sys/types.h>

namespace waybill::test {

/// A new folder below the system's temporary folder. It is removed with the object, or with the process, even when that
/// crashes.
class temp_folder {
public:
  /// Throws std::runtime_error when it cannot be made.
  temp_folder();
  ~temp_folder();
  temp_folder(const temp_folder&) = delete;
  temp_folder& operator=(const temp_folder&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }
  [[nodiscard]] std::string operator/(const std::string& name) const { return (path_ / name).string(); }

private:
  std::filesystem::path path_;
  int lifeline_ = -1;
  pid_t reaper_ = -1;
};

} // namespace waybill::test
