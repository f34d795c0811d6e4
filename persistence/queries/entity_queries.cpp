#include "persistence/queries/entity_queries.hpp"

#include "messages/cluster/placement.hpp"
#include "persistence/database/query_builder.hpp"
#include "persistence/queries/account_queries.hpp"
#include "persistence/queries/log_reader.hpp"
#include "persistence/queries/webhook_queries.hpp"

#include <bitset>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace waybill {

namespace {

/// How long after its last moment a late command can still ask for a reservation.
constexpr std::chrono::minutes asked_for{5};

/// The reservations of `product` for which `condition` holds, a term over the columns and the values of `builder`.
std::vector<reservation_row> fetch_reservation_rows(query_builder& builder, const std::string& product,
                                                    const std::string& condition) {
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
  builder.execute("select order_id, status, quantity, available, expires_at, reserve_by from reservations where "
                  + condition + " and product_id = :product order by order_id");
  std::vector<reservation_row> rows;
  while (builder.fetch())
    rows.push_back({product,
                    order,
                    {static_cast<product::reservation_status>(status), quantity, available, to_time(expires_at),
                     to_time(reserve_by)}});
  return rows;
}

/// The live reservations, and the closed ones that a late command can still ask for.
std::vector<reservation_row> read_current_reservations(connection& database, const std::string& product) {
  const auto since = to_number(now() - asked_for);
  query_builder builder{database};
  builder.use(since, "since");
  return fetch_reservation_rows(
    builder, product,
    "(reserve_by >= :since or status = " + std::to_string(static_cast<int>(product::reservation_status::live)) + ")");
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
    : statement{
      (session.prepare
         << "select coalesce(e.version, 0), coalesce(e.schema, 1), coalesce(e.state, ''), "
            "case when e.unfinished then 1 else 0 end, coalesce(e.due_at, 0), "
            "case when e.in_line then 1 else 0 end, coalesce((select max(version) from events where stream = :id), 0) "
            "from (select 1 as one) always left join entities e on e.id = :id",
       soci::use(id, "id"), soci::into(version), soci::into(schema), soci::into(state), soci::into(unfinished),
       soci::into(due), soci::into(in_line), soci::into(newest_event))} {}
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
  return entity;
}

found_reservation run_query(connection& database, const find_reservation& query) {
  query_builder builder{database};
  builder.use(query.order, "wanted");
  const auto rows = fetch_reservation_rows(builder, query.product, "order_id = :wanted");
  return rows.empty() ? found_reservation{} : found_reservation{rows.front().reservation};
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
