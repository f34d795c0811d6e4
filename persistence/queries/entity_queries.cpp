#include "persistence/queries/entity_queries.hpp"

#include "domain/base/enum_name.hpp"
#include "domain/order/status.hpp"
#include "messages/cluster/placement.hpp"
#include "persistence/database/query_builder.hpp"
#include "persistence/queries/account_queries.hpp"
#include "persistence/queries/log/event_horizon.hpp"
#include "persistence/queries/follower/sink_queries.hpp"
#include "persistence/queries/follower/webhook_queries.hpp"
#include "persistence/rows/append_row.hpp"

#include <algorithm>
#include <bitset>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace waybill {

namespace {

/// How long after its last moment a late command can still ask for a reservation.
constexpr std::chrono::minutes asked_for{5};

/// The rows of `product` that are live and for which `live` holds, and those that are closed and for which `closed`
/// holds, both conditions over the columns and the values of `builder`.
std::vector<reservation_row> fetch_reservation_rows(query_builder& builder, const std::string& product,
                                                    const std::string& live, const std::string& closed) {
  int status = 0;
  long long expires_at = 0;
  long long reserve_by = 0;
  long long quantity = 0;
  long long available = 0;
  std::string order;
  builder.use(product, "product");
  builder.into(order);
  builder.into(status);
  builder.into(quantity);
  builder.into(available);
  builder.into(expires_at);
  builder.into(reserve_by);
  const std::string columns = "select order_id, status, quantity, available, expires_at, reserve_by from ";
  const std::string of_product = " where product_id = :product";
  // Sorted here: to sort by the order, SQLite would rather walk along the primary key, over all that was ever sold.
  builder.execute(columns + "reservations" + of_product + live + " union all " + columns + "closed_reservations"
                  + of_product + closed);
  std::vector<reservation_row> rows;
  while (builder.fetch())
    rows.push_back({product,
                    order,
                    {static_cast<product::reservation_status>(status), quantity, available, to_time(expires_at),
                     to_time(reserve_by)}});
  // The live one of two comes first and is left: that the closed one had been forgotten was not written.
  const auto key = [](const reservation_row& row) {
    return std::pair{std::string_view{row.order}, row.reservation.status};
  };
  std::ranges::sort(rows, {}, key);
  const auto doubled = std::ranges::unique(rows, {}, &reservation_row::order);
  rows.erase(doubled.begin(), doubled.end());
  return rows;
}

/// The live reservations, and the closed ones that a late command can still ask for. Their number does not grow with
/// what the product has sold; the last term is that of the index which holds the few that may be wanted.
std::vector<reservation_row> read_current_reservations(connection& database, const std::string& product) {
  const auto since = to_number(now() - asked_for);
  query_builder builder{database};
  builder.use(since, "since");
  return fetch_reservation_rows(builder, product, "",
                                " and reserve_by >= :since and reserve_by > expires_at - 600000000");
}

bool is_over(const std::string& status) {
  using enum order::status;
  return status == name_of(completed) || status == name_of(rejected) || status == name_of(cancelled);
}

/// `:<name>0, :<name>1, ...`, bound to `values`, which must stay where they are.
std::string bind_all(query_builder& builder, const std::string& name, const std::vector<std::string>& values) {
  std::string places;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto place = name + std::to_string(i);
    places += (i == 0 ? ":" : ", :") + place;
    builder.use(values[i], place);
  }
  return places;
}

/// See entity_snapshot::due.
std::optional<timestamp> due_from(long long stored) {
  return stored == 0 ? std::nullopt : std::optional{to_time(stored)};
}

} // namespace

struct entity_loader::prepared {
  std::string id;
  long long version = 0;
  int schema = 0;
  std::string state;
  int unfinished = 0;
  long long due = 0;
  int in_line = 0;
  long long newest_event = 0;
  soci::statement statement;

  explicit prepared(soci::session& session)
    : statement{(session.prepare << "select coalesce(e.version, 0), coalesce(e.schema, 1), coalesce(e.state, ''), "
                                    "case when e.unfinished then 1 else 0 end, coalesce(e.due_at, 0), "
                                    "case when e.in_line then 1 else 0 end, "
                                      + newest_version_sql(":id")
                                      + " from (select 1 as one) always left join entities e on e.id = :id",
                 soci::use(id, "id"), soci::into(version), soci::into(schema), soci::into(state),
                 soci::into(unfinished), soci::into(due), soci::into(in_line), soci::into(newest_event))} {}
};

entity_loader::entity_loader(connection& database) : database_{database} {}

entity_loader::~entity_loader() = default;

void entity_loader::reset() {
  prepared_.reset();
}

stored_entity entity_loader::load(const load_entity& query) {
  if (!prepared_)
    prepared_ = std::make_unique<prepared>(database_.session());
  auto& row = *prepared_;
  row.id = query.id;
  row.statement.execute(true);
  // To the end: a statement in the middle of its rows would keep SQLite's connection in the past.
  row.statement.fetch();
  stored_entity entity;
  entity.version = static_cast<std::uint64_t>(row.version);
  entity.schema = static_cast<std::uint16_t>(row.schema);
  entity.state = row.state;
  entity.unfinished = row.unfinished != 0;
  entity.due = due_from(row.due);
  entity.in_line = row.in_line != 0;
  if (row.newest_event > row.version)
    entity.later = read_stream(database_, query.id, entity.version);
  if (!entity.later.empty())
    entity.version = entity.later.back().version;
  if (query.kind == entity_kind::product)
    entity.reservations = read_current_reservations(database_, query.id);
  if (query.kind == entity_kind::user)
    entity.user = read_user(database_, query.id);
  if (query.kind == entity_kind::webhook)
    entity.webhook = read_webhook(database_, query.id);
  if (query.kind == entity_kind::sink)
    entity.sink = read_sink(database_, query.id);
  if (query.kind == entity_kind::notifier || query.kind == entity_kind::auditor || query.kind == entity_kind::webhook
      || query.kind == entity_kind::trigger || query.kind == entity_kind::sink)
    entity.generation = find_log_bounds(database_).generation;
  return entity;
}

found_reservation run_query(connection& database, const find_reservation& query) {
  query_builder builder{database};
  builder.use(query.order, "wanted");
  const std::string condition = " and order_id = :wanted";
  const auto rows = fetch_reservation_rows(builder, query.product, condition, condition);
  return rows.empty() ? found_reservation{} : found_reservation{rows.front().reservation};
}

found_stock_adjustment run_query(connection& database, const find_stock_adjustment& query) {
  stock_adjustment_row row;
  row.product = query.product;
  row.id = query.id;
  long long delta = 0;
  query_builder builder{database};
  builder.use(query.product, "product");
  builder.use(query.id, "id");
  builder.into(delta);
  builder.into(row.reason);
  builder.into(row.answer);
  builder.execute("select delta, reason, answer from stock_adjustments where product_id = :product and id = :id");
  if (!builder.fetch())
    return {};
  row.delta = delta;
  // To the end: a statement in the middle of its rows would keep SQLite's connection in the past.
  builder.fetch();
  return {row};
}

ended_orders run_query(connection& database, const find_ended_orders& query) {
  if (query.orders.empty())
    return {};
  if (query.orders.size() > max_ended_orders)
    throw std::length_error{"too many orders are asked for at once"};
  std::set<std::string> ended(query.orders.begin(), query.orders.end());
  std::string id;
  std::string status;
  query_builder builder{database};
  const auto places = bind_all(builder, "order", query.orders);
  builder.into(id);
  builder.into(status);
  builder.execute("select id, status from orders where id in (" + places + ")");
  while (builder.fetch())
    if (!is_over(status))
      ended.erase(id);
  return {{ended.begin(), ended.end()}};
}

/// No condition on shards: with few of them wanted, a page would be searched for in all the others.
std::string sql_of(const list_due& query) {
  return std::string{"select id, due_at, shard from entities where "} + (query.in_line ? "in_line" : "unfinished")
         + " and kind = :kind and due_at <= :until and (due_at, id) > (:after, :after_id)"
           " order by due_at, id limit "
         + std::to_string(query.limit);
}

due_page run_query(connection& database, const list_due& query) {
  const int kind = static_cast<int>(query.kind);
  const auto until = to_number(query.until);
  const auto after = query.after ? to_number(query.after->due) : 0;
  const auto after_id = query.after ? query.after->id : std::string{};
  std::bitset<shard_count> wanted;
  if (query.shards.empty())
    wanted.set();
  for (const auto shard : query.shards)
    wanted.set(shard);
  std::string id;
  long long due = 0;
  int shard = 0;
  query_builder builder{database};
  builder.use(kind, "kind");
  builder.use(until, "until");
  builder.use(after, "after");
  builder.use(after_id, "after_id");
  builder.into(id);
  builder.into(due);
  builder.into(shard);
  builder.execute(sql_of(query));
  due_page page;
  std::uint32_t rows = 0;
  std::optional<due_entity> last;
  while (builder.fetch()) {
    ++rows;
    last = due_entity{to_time(due), id};
    if (wanted.test(static_cast<std::size_t>(shard)))
      page.entities.push_back(*last);
  }
  if (rows == query.limit)
    page.next = std::move(last);
  return page;
}

} // namespace waybill
