#pragma once

#include "messages/journal/queries.hpp"
#include "persistence/queries/log/event_horizon.hpp"

#include <functional>
#include <string>

namespace waybill {

/// A folder with one file for each range of the log that was removed: `events-<begin>-<end>.jsonl`, one event a line,
/// in the order of the log, of the events behind `begin` up to `end`. Each file begins where the file before it ended.
/// Writing a range again makes the same file. Blocks; several processes may share the folder.
class event_archive {
public:
  using to_line = std::function<std::string(const stored_event&)>;
  /// Some events of a range behind a position; none when there are no more.
  using read_on = std::function<result<log_page>(log_position after)>;

  /// `writer` tells unfinished files of several processes apart.
  event_archive(std::string folder, const std::string& writer, to_line line);

  /// Returns the name of the file when its content is on the disk. Fails with ec::unavailable when the folder cannot be
  /// written, and as `read` fails; then there is no new file.
  [[nodiscard]] result<std::string> write(const log_range& range, const read_on& read) const;

  [[nodiscard]] const std::string& folder() const noexcept { return folder_; }

private:
  std::string folder_;
  std::string suffix_;
  to_line line_;
};

/// The name of the file of a range.
std::string archive_name(const log_range& range);

} // namespace waybill
