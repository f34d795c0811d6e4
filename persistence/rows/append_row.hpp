#pragma once

#include "messages/journal/event_log.hpp"
#include "persistence/rows/log_sql.hpp"

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace waybill {

/// A row of the log, for SOCI to fill: events of one stream with consecutive versions, which were committed together.
/// The first is in columns of its own, the others are in `further`.
struct append_row {
  position_values position;
  std::string stream;
  long long version = 0;
  std::string type;
  int schema = 0;
  long long at = 0;
  std::string order;
  std::string customer;
  std::string meta;
  std::string data;
  int event_count = 1;
  std::string further;

  static std::string columns(dialect kind);

  void bind(query_builder& query);

  /// In the order of their versions. Throws std::runtime_error when the row is unreadable.
  [[nodiscard]] std::vector<stored_event> events() const;
  [[nodiscard]] log_position last_position() const;
};

/// The events of `stream` with versions above `version`, the first `limit` of them. Throws what SOCI throws.
std::vector<stored_event> read_stream(connection& database, const std::string& stream, std::uint64_t version,
                                      std::uint32_t limit = std::numeric_limits<std::uint32_t>::max());

} // namespace waybill
