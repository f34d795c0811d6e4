#include "tests/support/stored_contents.hpp"

#include "persistence/database/connection.hpp"

#include <algorithm>

namespace waybill::test {

namespace {

/// The database sorts texts as bytes: SQLite always, PostgreSQL by the collation of the columns.
void read_events(soci::session& sql, stored_contents& into) {
  std::string stream;
  std::string type;
  std::string data;
  long long version = 0;
  int schema = 0;
  long long at = 0;
  soci::statement query =
    (sql.prepare << "select stream, version, type, schema, at, data from events order by stream, version",
     soci::into(stream), soci::into(version), soci::into(type), soci::into(schema), soci::into(at), soci::into(data));
  for (query.execute(); query.fetch();) {
    stored_event event;
    event.stream = stream;
    event.version = static_cast<std::uint64_t>(version);
    event.type = type;
    event.schema = static_cast<std::uint16_t>(schema);
    event.at = to_time(at);
    event.data = data;
    into.events.push_back(std::move(event));
  }
}

void read_entities(soci::session& sql, stored_contents& into) {
  std::string id;
  std::string state;
  int kind = 0;
  long long version = 0;
  int unfinished = 0;
  int has_timer = 0;
  soci::statement query = (sql.prepare << "select id, kind, version, state, case when unfinished then 1 else 0 end, "
                                          "case when due_at is null then 0 else 1 end from entities",
                           soci::into(id), soci::into(kind), soci::into(version), soci::into(state),
                           soci::into(unfinished), soci::into(has_timer));
  for (query.execute(); query.fetch();)
    into.entities[id] = {static_cast<entity_kind>(kind), static_cast<std::uint64_t>(version), state, unfinished != 0,
                         has_timer != 0};
}

void read_lists(soci::session& sql, stored_contents& into) {
  order_row row;
  long long created_at = 0;
  soci::statement orders = (sql.prepare << "select id, customer_id, status, created_at from orders", soci::into(row.id),
                            soci::into(row.customer), soci::into(row.status), soci::into(created_at));
  for (orders.execute(); orders.fetch();) {
    row.created_at = to_time(created_at);
    into.order_rows[row.id] = row;
  }
  std::string product;
  std::string order;
  int status = 0;
  long long quantity = 0;
  soci::statement held = (sql.prepare << "select product_id, order_id, status, quantity from closed_reservations "
                                         "union all select product_id, order_id, status, quantity from reservations",
                          soci::into(product), soci::into(order), soci::into(status), soci::into(quantity));
  for (held.execute(); held.fetch();)
    into.reservations.push_back({product, order, static_cast<product::reservation_status>(status), quantity});
}

} // namespace

std::vector<const stored_event*> stored_contents::stream(const std::string& id) const {
  const auto [begin, end] = std::ranges::equal_range(events, id, {}, &stored_event::stream);
  std::vector<const stored_event*> stream;
  for (auto at = begin; at != end; ++at)
    stream.push_back(&*at);
  return stream;
}

stored_contents read_contents(const store_config& store) {
  connection database{store, access::read};
  auto& sql = database.session();
  stored_contents contents;
  read_events(sql, contents);
  read_entities(sql, contents);
  read_lists(sql, contents);
  return contents;
}

} // namespace waybill::test
