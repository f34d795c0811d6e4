#include "persistence/queries/courier_queries.hpp"

#include "persistence/database/query_builder.hpp"
#include "persistence/queries/list_page.hpp"

namespace waybill {

state_page run_query(connection& database, const list_couriers& query) {
  std::string sql =
    "select e.state from couriers c join entities e on e.id = c.id where not c.removed and c.id > :after";
  if (query.online)
    sql += *query.online ? " and c.online" : " and not c.online";
  query_builder builder{database};
  builder.use(query.cursor_id, "after");
  return fetch_states(builder, sql + " order by c.id", query.limit);
}

state_page run_query(connection& database, const list_deliveries& query) {
  const auto time = to_number(query.cursor_time);
  std::string sql = "select e.state from deliveries d join entities e on e.id = d.id where true";
  query_builder builder{database};
  const auto add_if = [&](bool applies, const char* term, const auto& value, const char* name) {
    if (!applies)
      return;
    sql += term;
    builder.use(value, name);
  };
  add_if(!query.courier.empty(), " and d.courier_id = :courier", query.courier, "courier");
  add_if(!query.status.empty(), " and d.status = :status", query.status, "status");
  if (query.cursor_time) {
    sql += " and (d.created_at, d.id) < (:time, :id)";
    builder.use(time, "time");
    builder.use(query.cursor_id, "id");
  }
  return fetch_states(builder, sql + " order by d.created_at desc, d.id desc", query.limit);
}

/// An offer that is not answered yet takes a place too: otherwise one courier would get all offers.
free_couriers run_query(connection& database, const find_free_couriers& query) {
  free_courier courier;
  long long places = 0;
  query_builder builder{database};
  builder.into(courier.courier);
  builder.into(places);
  builder.execute("select id, capacity - busy from (select c.id, c.capacity, c.changed_at, c.active + (select count(*) "
                  "from deliveries d where d.courier_id = c.id and d.status = 'offered') as busy from couriers c where "
                  "c.online) counted where busy < capacity order by busy, changed_at, id limit "
                  + std::to_string(query.limit));
  free_couriers answer;
  while (builder.fetch()) {
    courier.places = static_cast<std::uint32_t>(places);
    answer.couriers.push_back(courier);
  }
  return answer;
}

} // namespace waybill
