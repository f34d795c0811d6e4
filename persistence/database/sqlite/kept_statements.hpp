#pragma once

#include <soci/soci.h>

#include <cstddef>
#include <optional>
#include <string>
#include <unordered_map>

namespace waybill {

/// Prepared statements of one connection to SQLite, by their text: for a short query preparing costs several times as
/// much as the answer. Those of PostgreSQL are not kept: a server that goes away takes them along, and its plans depend
/// on the values.
class kept_statements {
public:
  /// Takes the statement out, so that nobody else uses it; nothing when there is none of this text.
  std::optional<soci::statement> take(const std::string& sql);

  /// Ends what the statement does, which would keep the database's log from becoming short, and keeps it.
  void put(const std::string& sql, soci::statement statement);

  /// To be called before the connection is closed.
  void clear() noexcept { statements_.clear(); }

private:
  /// Texts differ by what users filter for. More are not remembered than that.
  static constexpr std::size_t most = 64;

  std::unordered_map<std::string, soci::statement> statements_;
};

} // namespace waybill
