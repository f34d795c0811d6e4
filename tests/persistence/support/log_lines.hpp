#pragma once

#include "domain/base/log.hpp"

#include <algorithm>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace waybill::test {

/// Collects the log lines while it lives. One object at a time.
class log_lines {
public:
  log_lines() {
    instance() = this;
    set_log_sink([](log_level, std::string_view line) {
      const std::lock_guard lock{mutex()};
      if (instance() != nullptr)
        instance()->lines_.emplace_back(line);
    });
  }
  ~log_lines() {
    const std::lock_guard lock{mutex()};
    instance() = nullptr;
  }
  log_lines(const log_lines&) = delete;
  log_lines& operator=(const log_lines&) = delete;

  /// How many lines hold `part`.
  [[nodiscard]] std::size_t count(std::string_view part) const {
    const std::lock_guard lock{mutex()};
    return static_cast<std::size_t>(
      std::ranges::count_if(lines_, [&](const auto& line) { return line.find(part) != std::string::npos; }));
  }

private:
  static std::mutex& mutex() {
    static std::mutex shared;
    return shared;
  }
  static log_lines*& instance() {
    static log_lines* current = nullptr;
    return current;
  }

  std::vector<std::string> lines_;
};

} // namespace waybill::test
