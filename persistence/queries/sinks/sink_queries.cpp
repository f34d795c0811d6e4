#include "persistence/queries/sinks/sink_queries.hpp"

#include "persistence/database/query_builder.hpp"
#include "persistence/queries/list_page.hpp"
#include "persistence/queries/log/event_horizon.hpp"

#include <stdexcept>

namespace waybill {

namespace {

class sink_columns {
public:
  sink_columns(query_builder& builder, std::uint64_t generation) : generation_{generation} {
    builder.into(progress_.id);
    builder.into(cursor_);
    builder.into(last_success_at_);
    builder.into(last_failure_at_);
    builder.into(progress_.last_error);
  }

  static constexpr auto names =
    "s.id, s.log_cursor, coalesce(s.last_success_at, -1), coalesce(s.last_failure_at, -1), s.last_error";

  /// A stored place belongs to the log that the database has: after a restore it is of its generation as well.
  [[nodiscard]] sink_progress get() const {
    auto result = progress_;
    const auto cursor = parse_log_position(cursor_);
    if (!cursor)
      throw std::runtime_error{"the position of a sink cannot be read"};
    result.cursor = cursor->of_generation(generation_);
    result.last_success_at = to_optional_time(last_success_at_);
    result.last_failure_at = to_optional_time(last_failure_at_);
    return result;
  }

private:
  std::uint64_t generation_;
  sink_progress progress_;
  std::string cursor_;
  long long last_success_at_ = 0;
  long long last_failure_at_ = 0;
};

} // namespace

std::optional<sink_row> read_sink(connection& database, const std::string& id) {
  sink_row row;
  const auto generation = find_log_bounds(database).generation;
  query_builder builder{database};
  builder.use(id, "wanted");
  const sink_columns progress{builder, generation};
  builder.into(row.password);
  builder.execute(std::string{"select "} + sink_columns::names + ", s.password from sinks s where s.id = :wanted");
  if (!builder.fetch())
    return std::nullopt;
  row.id = id;
  row.progress = progress.get();
  return row;
}

sink_page run_query(connection& database, const list_sinks& query) {
  std::string state;
  const auto generation = find_log_bounds(database).generation;
  query_builder builder{database};
  builder.use(query.cursor_id, "after");
  const sink_columns progress{builder, generation};
  builder.into(state);
  builder.execute(std::string{"select "} + sink_columns::names
                  + ", e.state from sinks s join entities e on e.id = s.id where s.id > :after order by s.id"
                  + limit_of_page(query.limit));
  sink_page page;
  while (builder.fetch()) {
    page.more = page.sinks.size() == query.limit;
    if (page.more)
      break;
    page.sinks.push_back({state, progress.get()});
  }
  return page;
}

} // namespace waybill
