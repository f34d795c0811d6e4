#pragma once

#include "persistence/queries/event_horizon.hpp"

#include <functional>
#include <string>

namespace waybill {

/// A folder with one file for each range of the log that was removed: `events-<begin>-<end>.jsonl`, one event a line,
/// in the order of the log, of the events behind `begin` up to `end`. So each file begins where the one before it
/// ended. To write a range again makes the same file. Blocks; several processes may share the folder.
class event_archive {
public:
  using to_line = std::function<std::string(const stored_event&)>;
  /// The events of a range behind a place in it, some at a time; none: that was the last.
  using read_on = std::function<result<log_page>(log_position after)>;

  /// `writer` tells unfinished files of several processes apart.
  event_archive(std::string folder, const std::string& writer, to_line line);

  /// The name of the file, which is on the disk for good when this returns. Fails with ec::unavailable when the folder
  /// cannot be written, and like `read`; then there is no new file.
  [[nodiscard]] result<std::string> write(const log_range& range, const read_on& read) const;

  [[nodiscard]] const std::string& folder() const noexcept { return folder_; }

private:
  std::string folder_;
  std::string suffix_;
  to_line line_;
};

/// How the file of a range is named.
std::string archive_name(const log_range& range);

} // namespace waybill
