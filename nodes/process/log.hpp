#pragma once

#include "domain/base/log.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

/// The log of the process on standard error: what is logged by domain/base/log.hpp is written as text or as JSON lines.
namespace waybill {

enum class log_format : std::uint8_t { automatic, text, json };

struct log_settings {
  log_level level = log_level::info;
  /// Automatic: text on a terminal, otherwise JSON.
  log_format format = log_format::automatic;
  /// Stands in each JSON line.
  std::string node;
};

/// Not thread-safe; call it before there are other threads.
void set_up_log(const log_settings& settings);

/// One line of JSON without the line's end: time, level, node, message. Bytes that are not UTF-8 become U+FFFD.
std::string to_json_line(std::chrono::system_clock::time_point time, std::string_view level, std::string_view node,
                         std::string_view message);

/// `message` with control characters as \xNN, so that one message is one line and cannot steer a terminal.
std::string to_text(std::string_view message);

/// Keeps a failure that repeats from filling the log: it is logged once, then once a period with the number of times
/// that it happened since. Belongs to one thread.
class failure_log {
public:
  using clock = std::chrono::steady_clock;

  explicit failure_log(std::chrono::milliseconds period = std::chrono::seconds{30}) : period_(period) {}

  /// Nothing when the failure `key` is not to be logged now, otherwise what to add to its line: empty the first time,
  /// ` (12 more times since)` later.
  std::optional<std::string> report(const std::string& key, clock::time_point now = clock::now());

  /// The failure is over, so that the next one is logged at once. Answers whether it had been reported.
  bool forget(const std::string& key);

private:
  struct entry {
    clock::time_point said;
    std::uint64_t unsaid = 0;
  };

  std::chrono::milliseconds period_;
  std::map<std::string, entry> entries_;
};

} // namespace waybill
