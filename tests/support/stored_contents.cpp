#include "tests/support/stored_contents.hpp"

#include "persistence/database/connection.hpp"
#include "persistence/rows/append_row.hpp"

#include <algorithm>

namespace waybill::test {

namespace {

/// Rows that one statement reads: a statement has a limit in time, and a long run leaves millions of rows.
constexpr std::size_t page_size = 20'000;

/// Reads pages until one is not full; `read` returns how many rows it has read.
template <class Read>
void read_pages(Read read) {
  while (read() == page_size) {
  }
}

std::string limit() {
  return " limit " + std::to_string(page_size);
}

/// The database sorts texts as bytes: SQLite always, PostgreSQL by the collation of the columns.
void read_events(connection& database, stored_contents& into) {
  std::string after;
  long long after_version = 0;
  read_pages([&] {
    append_row row;
    query_builder query{database};
    query.use(after, "stream");
    query.use(after_version, "version");
    row.bind(query);
    query.execute("select " + append_row::columns(database.kind())
                  + " from appends where (stream, version) > (:stream, :version) order by stream, version" + limit());
    std::size_t rows = 0;
    for (; query.fetch(); ++rows)
      for (auto& event : row.events())
        into.events.push_back(std::move(event));
    after = row.stream;
    after_version = row.version;
    return rows;
  });
}

void read_entities(soci::session& sql, stored_contents& into) {
  std::string after;
  read_pages([&] {
    std::string id;
    std::string state;
    int kind = 0;
    long long version = 0;
    int unfinished = 0;
    int has_timer = 0;
    soci::statement query =
      (sql.prepare << "select id, kind, version, state, case when unfinished then 1 else 0 end, case when due_at is "
                      "null then 0 else 1 end from entities where id > :id order by id"
                        + limit(),
       soci::use(after, "id"), soci::into(id), soci::into(kind), soci::into(version), soci::into(state),
       soci::into(unfinished), soci::into(has_timer));
    std::size_t rows = 0;
    for (query.execute(); query.fetch(); ++rows)
      into.entities[id] = {static_cast<entity_kind>(kind), static_cast<std::uint64_t>(version), state, unfinished != 0,
                           has_timer != 0};
    after = id;
    return rows;
  });
}

void read_orders(soci::session& sql, stored_contents& into) {
  std::string after;
  read_pages([&] {
    order_row row;
    long long created_at = 0;
    soci::statement query =
      (sql.prepare << "select id, customer_id, status, created_at from orders where id > :id order by id" + limit(),
       soci::use(after, "id"), soci::into(row.id), soci::into(row.customer), soci::into(row.status),
       soci::into(created_at));
    std::size_t rows = 0;
    for (query.execute(); query.fetch(); ++rows) {
      row.created_at = to_time(created_at);
      into.order_rows[row.id] = row;
    }
    after = row.id;
    return rows;
  });
}

void read_reservations(soci::session& sql, stored_contents& into, const std::string& table) {
  std::string after_product;
  std::string after_order;
  read_pages([&] {
    std::string product;
    std::string order;
    int status = 0;
    long long quantity = 0;
    soci::statement query =
      (sql.prepare << "select product_id, order_id, status, quantity from " + table
                        + " where (product_id, order_id) > (:product, :order) order by product_id, order_id" + limit(),
       soci::use(after_product, "product"), soci::use(after_order, "order"), soci::into(product), soci::into(order),
       soci::into(status), soci::into(quantity));
    std::size_t rows = 0;
    for (query.execute(); query.fetch(); ++rows)
      into.reservations.push_back({product, order, static_cast<product::reservation_status>(status), quantity});
    after_product = product;
    after_order = order;
    return rows;
  });
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
  read_events(database, contents);
  read_entities(sql, contents);
  read_orders(sql, contents);
  read_reservations(sql, contents, "closed_reservations");
  read_reservations(sql, contents, "reservations");
  return contents;
}

} // namespace waybill::test
