#include "persistence/queries/follower/sink_queries.hpp"

#include "persistence/queries/follower/follower_columns.hpp"

namespace waybill {

namespace {

class sink_columns {
public:
  sink_columns(query_builder& builder, std::uint64_t generation) : common_{builder}, generation_{generation} {}

  static std::string names() { return std::string{follower_columns::names}; }

  [[nodiscard]] sink_progress get() const {
    return {common_.get(generation_, "the position of a sink cannot be read")};
  }

private:
  follower_columns common_;
  std::uint64_t generation_;
};

} // namespace

std::optional<sink_row> read_sink(connection& database, const std::string& id) {
  sink_row row;
  const auto generation = find_log_bounds(database).generation;
  query_builder builder{database};
  builder.use(id, "wanted");
  const sink_columns progress{builder, generation};
  builder.into(row.password);
  builder.execute("select " + sink_columns::names() + ", f.password from sinks f where f.id = :wanted");
  if (!builder.fetch())
    return std::nullopt;
  row.id = id;
  row.progress = progress.get();
  return row;
}

sink_page run_query(connection& database, const list_sinks& query) {
  sink_page page;
  page.more = fetch_followers<sink_columns>(database, "sinks", query.cursor_id, query.limit, page.sinks);
  return page;
}

} // namespace waybill
