#include "persistence/audit/audit_reading.hpp"

#include "persistence/database/query_builder.hpp"
#include "persistence/rows/further_events.hpp"

#include <algorithm>
#include <set>

namespace waybill {

namespace {

/// Databases bound how many values a statement may have.
constexpr std::size_t most_values = 500;

/// `:<name>0, :<name>1, ...`, bound to `values`, which must stay where they are.
std::string bind_list(query_builder& query, const std::string& name, const std::vector<std::string>& values) {
  std::string places;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto place = name + std::to_string(i);
    places += (i == 0 ? ":" : ", :") + place;
    query.use(values[i], place);
  }
  return places;
}

/// Calls `each` with parts of `values` that one statement can take.
template <class Function>
void in_parts(const std::vector<std::string>& values, Function each) {
  for (std::size_t begin = 0; begin < values.size(); begin += most_values) {
    const auto end = std::min(values.size(), begin + most_values);
    each(std::vector<std::string>(values.begin() + static_cast<std::ptrdiff_t>(begin),
                                  values.begin() + static_cast<std::ptrdiff_t>(end)));
  }
}

const std::string live_status = std::to_string(static_cast<int>(product::reservation_status::live));

/// The live one of two stays: that the closed one had been forgotten was not written.
void enter(reservation_map& into, const std::string& key, int status, long long quantity) {
  product::reservation held;
  held.status = static_cast<product::reservation_status>(status);
  held.quantity = quantity;
  if (const auto [place, is_new] = into.try_emplace(key, held);
      !is_new && held.status == product::reservation_status::live)
    place->second = held;
}

/// Those of the tables that stand in `tables` for which `condition` holds.
void fetch_reservations(query_builder& query, const std::string& product, const std::vector<std::string>& tables,
                        const std::string& condition, reservation_map& into) {
  std::string order;
  int status = 0;
  long long quantity = 0;
  query.use(product, "product");
  query.into(order);
  query.into(status);
  query.into(quantity);
  std::string sql;
  for (const auto& table : tables)
    sql += (sql.empty() ? "" : " union all ") + std::string{"select order_id, status, quantity from "} + table
           + " where product_id = :product" + condition;
  query.execute(sql);
  while (query.fetch())
    enter(into, order, status, quantity);
}

} // namespace

std::optional<audited_entity> find_audited(connection& database, const std::string& id) {
  audited_entity entity;
  order_row order{id, {}, {}, {}};
  product_row product{id, {}, {}, false};
  long long version = 0;
  int unfinished = 0;
  int has_timer = 0;
  int is_order = 0;
  int is_product = 0;
  int withdrawn = 0;
  long long created_at = 0;
  query_builder query{database};
  query.use(id, "id");
  query.into(version);
  query.into(entity.state);
  query.into(unfinished);
  query.into(has_timer);
  query.into(is_order);
  query.into(order.customer);
  query.into(order.status);
  query.into(created_at);
  query.into(is_product);
  query.into(product.sku);
  query.into(product.name);
  query.into(withdrawn);
  query.execute("select e.version, e.state, case when e.unfinished then 1 else 0 end, "
                "case when e.due_at is null then 0 else 1 end, "
                "case when o.id is null then 0 else 1 end, coalesce(o.customer_id, ''), coalesce(o.status, ''), "
                "coalesce(o.created_at, 0), case when p.id is null then 0 else 1 end, coalesce(p.sku, ''), "
                "coalesce(p.name, ''), case when p.withdrawn then 1 else 0 end "
                "from entities e left join orders o on o.id = e.id left join products p on p.id = e.id "
                "where e.id = :id");
  if (!query.fetch())
    return std::nullopt;
  entity.version = static_cast<std::uint64_t>(version);
  entity.unfinished = unfinished != 0;
  entity.has_timer = has_timer != 0;
  order.created_at = to_time(created_at);
  product.withdrawn = withdrawn != 0;
  if (is_order != 0)
    entity.listed_order = std::move(order);
  if (is_product != 0)
    entity.listed_product = std::move(product);
  // To the end: a statement in the middle of its rows would keep SQLite's connection in the past.
  query.fetch();
  return entity;
}

stream_extent measure_stream(connection& database, const std::string& stream, std::uint64_t above) {
  const auto from = static_cast<long long>(above);
  long long count = 0;
  long long oldest = 0;
  long long newest = 0;
  query_builder query{database};
  query.use(stream, "stream");
  query.use(from, "above");
  query.into(count);
  query.into(oldest);
  query.into(newest);
  const std::string first = "case when version > :above then version else :above + 1 end";
  query.execute(
    "select coalesce(cast(sum(version + event_count - (" + first + ")) as bigint), 0), coalesce(min(" + first
    + "), 0), coalesce(max(version + event_count - 1), 0) from appends where stream = :stream and version > "
      ":above - "
    + std::to_string(places_of_row) + " and version + event_count > :above + 1");
  query.fetch();
  query.fetch();
  return {static_cast<std::uint64_t>(count), static_cast<std::uint64_t>(oldest), static_cast<std::uint64_t>(newest)};
}

stream_extent find_stream_ends(connection& database, const std::string& stream, std::uint64_t above) {
  const auto from = static_cast<long long>(above);
  long long oldest = 0;
  long long newest = 0;
  query_builder query{database};
  query.use(stream, "stream");
  query.use(from, "above");
  query.into(oldest);
  query.into(newest);
  const auto rows = " from appends where stream = :stream and version > :above - " + std::to_string(places_of_row)
                    + " and version + event_count > :above + 1 order by version ";
  query.execute("select coalesce((select case when version > :above then version else :above + 1 end" + rows
                + "limit 1), 0), coalesce((select version + event_count - 1" + rows + "desc limit 1), 0)");
  query.fetch();
  query.fetch();
  return {0, static_cast<std::uint64_t>(oldest), static_cast<std::uint64_t>(newest)};
}

reservation_map find_reservations(connection& database, const std::string& product,
                                  const std::vector<std::string>& orders) {
  reservation_map reservations;
  in_parts(orders, [&](const std::vector<std::string>& part) {
    query_builder query{database};
    const auto places = bind_list(query, "order", part);
    fetch_reservations(query, product, {"reservations", "closed_reservations"}, " and order_id in (" + places + ")",
                       reservations);
  });
  return reservations;
}

reservation_map find_live_reservations(connection& database, const std::string& product) {
  reservation_map reservations;
  query_builder query{database};
  fetch_reservations(query, product, {"reservations"}, " and status = " + live_status, reservations);
  return reservations;
}

std::vector<std::string> find_reservations_of_nobody(connection& database, const std::string& product) {
  std::vector<std::string> orders;
  std::string order;
  query_builder query{database};
  query.use(product, "product");
  query.into(order);
  // Behind the 24 characters of an order's id stands the number of its revision.
  query.execute("select r.order_id from reservations r left join orders o on o.id = substr(r.order_id, 1, 24) "
                "where r.product_id = :product and r.status = "
                + live_status + " and (o.id is null or o.status in ('completed', 'rejected', 'cancelled'))");
  while (query.fetch())
    orders.push_back(order);
  return orders;
}

reservation_map find_reservations_under(connection& database, const std::string& holder,
                                        const std::vector<std::string>& products) {
  reservation_map reservations;
  in_parts(products, [&](const std::vector<std::string>& part) {
    std::string product;
    int status = 0;
    long long quantity = 0;
    query_builder query{database};
    const auto places = bind_list(query, "product", part);
    query.use(holder, "holder");
    query.into(product);
    query.into(status);
    query.into(quantity);
    const auto from = [&](const std::string& table) {
      return "select product_id, status, quantity from " + table + " where product_id in (" + places
             + ") and order_id = :holder";
    };
    query.execute(from("reservations") + " union all " + from("closed_reservations"));
    while (query.fetch())
      enter(reservations, product, status, quantity);
  });
  return reservations;
}

std::map<std::string, std::string> find_living_orders(connection& database, const std::vector<std::string>& orders) {
  std::map<std::string, std::string> living;
  in_parts(orders, [&](const std::vector<std::string>& part) {
    std::string id;
    std::string status;
    query_builder query{database};
    const auto places = bind_list(query, "order", part);
    query.into(id);
    query.into(status);
    query.execute("select id, status from orders where status not in ('completed', 'rejected', 'cancelled') and id in ("
                  + places + ")");
    while (query.fetch())
      living[id] = status;
  });
  return living;
}

std::vector<std::string> find_held_products(connection& database, const std::string& order,
                                            const std::vector<std::string>& products) {
  std::vector<std::string> held;
  in_parts(products, [&](const std::vector<std::string>& part) {
    std::string product;
    query_builder query{database};
    const auto places = bind_list(query, "product", part);
    query.use(order, "holder");
    query.into(product);
    query.execute("select product_id from reservations where product_id in (" + places
                  + ") and order_id = :holder and status = " + live_status);
    while (query.fetch())
      held.push_back(product);
  });
  return held;
}

std::map<std::string, ledger_row> find_ledger_rows(connection& ledger, const std::vector<std::string>& keys) {
  std::map<std::string, ledger_row> rows;
  in_parts(keys, [&](const std::vector<std::string>& part) {
    std::string id;
    long long version = 0;
    std::string state;
    query_builder query{ledger};
    const auto places = bind_list(query, "key", part);
    query.into(id);
    query.into(version);
    query.into(state);
    query.execute("select stream, version + event_count - 1, data from appends where stream in (" + places
                  + ") order by stream, version");
    while (query.fetch())
      rows[id] = {static_cast<std::uint64_t>(version), state};
  });
  return rows;
}

std::vector<std::string> list_audited(connection& database, const std::string& after, std::uint32_t limit) {
  std::set<std::string> ids;
  std::string id;
  {
    query_builder query{database};
    query.use(after, "after");
    query.into(id);
    query.execute("select id from entities where id > :after order by id limit " + std::to_string(limit));
    while (query.fetch())
      ids.insert(id);
  }
  // One look into the index for each stream: to read all versions of each would take too long.
  std::string last = after;
  std::string next;
  soci::statement find_next =
    (database.session().prepare << "select coalesce(min(stream), '') from appends where stream > :last",
     soci::use(last, "last"), soci::into(next));
  for (std::uint32_t i = 0; i < limit; ++i) {
    find_next.execute(true);
    find_next.fetch();
    if (next.empty())
      break;
    ids.insert(next);
    last = next;
  }
  std::vector<std::string> page(ids.begin(), ids.end());
  if (page.size() > limit)
    page.resize(limit);
  return page;
}

bool has_tables(connection& database) {
  int count = 0;
  auto& sql = database.session();
  if (database.kind() == dialect::sqlite)
    sql << "select count(*) from sqlite_master where name = 'entities'", soci::into(count);
  else
    sql << "select case when to_regclass('entities') is null then 0 else 1 end", soci::into(count);
  return count != 0;
}

reading_moment::reading_moment(connection& database) : database_{database} {
  auto& sql = database_.session();
  if (database_.kind() == dialect::sqlite)
    sql << "begin";
  else
    sql << "begin transaction isolation level repeatable read, read only";
}

reading_moment::~reading_moment() {
  database_.rollback();
}

} // namespace waybill
