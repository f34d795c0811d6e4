#pragma once

#include "messages/journal/follower/follower_progress.hpp"
#include "persistence/database/query_builder.hpp"
#include "persistence/queries/list_page.hpp"
#include "persistence/queries/log/event_horizon.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// What the tables of webhook endpoints and of sinks have in common; each is selected from as `f`.
namespace waybill {

/// A stored place belongs to the log that the database has: after a restore it is of its generation as well. Throws
/// std::runtime_error with `unreadable` for a text that is none.
log_position to_position(const std::string& text, std::uint64_t generation, const char* unreadable);

class follower_columns {
public:
  explicit follower_columns(query_builder& builder);

  static constexpr std::string_view names =
    "f.id, f.log_cursor, coalesce(f.last_success_at, -1), coalesce(f.last_failure_at, -1), f.last_error";

  /// Of the row that was fetched. Throws as to_position.
  [[nodiscard]] follower_progress get(std::uint64_t generation, const char* unreadable) const;

private:
  follower_progress progress_;
  std::string cursor_;
  long long last_success_at_ = 0;
  long long last_failure_at_ = 0;
};

/// Adds a page of the followers in `table` behind the id `after` to `page`, each with its state. Returns whether there
/// are more. Throws what SOCI throws, and as to_position.
template <class Columns, class Stored>
bool fetch_followers(connection& database, const std::string& table, const std::string& after, std::uint32_t limit,
                     std::vector<Stored>& page) {
  std::string state;
  const auto generation = find_log_bounds(database).generation;
  query_builder builder{database};
  builder.use(after, "after");
  const Columns progress{builder, generation};
  builder.into(state);
  builder.execute("select " + Columns::names() + ", e.state from " + table
                  + " f join entities e on e.id = f.id where f.id > :after order by f.id" + limit_of_page(limit));
  return fetch_page(builder, limit, page, [&] { return Stored{state, progress.get()}; });
}

} // namespace waybill
