#pragma once

#include "messages/journal/event_log.hpp"
#include "persistence/database/connection.hpp"

#include <string>
#include <utility>
#include <vector>

namespace waybill {

/// A filter of events as SQL over the rows of the log, and the values that it refers to by their names. Empty without
/// conditions. A row that fulfils it may hold an event that matches: `matches` says which of them do.
class filter_terms {
public:
  filter_terms(const event_filter& filter, dialect kind);

  /// Leaves out what a reader has got already.
  void add_unseen(const std::vector<seen_stream>& seen);

  [[nodiscard]] bool matches(const stored_event& event) const;

  [[nodiscard]] bool empty() const noexcept { return sql_.empty(); }
  /// Each condition begins with `and`.
  [[nodiscard]] const std::string& sql() const noexcept { return sql_; }
  [[nodiscard]] const std::vector<std::pair<std::string, std::string>>& values() const noexcept { return values_; }

private:
  void add_types(const std::vector<std::string>& types, const std::string& find);
  void add_streams_of(const std::string& order);
  void add_owner(const event_filter& filter, dialect kind);
  void add_equal(const std::string& column, const std::string& value);

  event_filter filter_;
  std::vector<seen_stream> seen_;
  std::string sql_;
  std::vector<std::pair<std::string, std::string>> values_;
};

} // namespace waybill
