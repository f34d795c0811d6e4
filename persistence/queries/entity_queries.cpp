#include "persistence/queries/entity_queries.hpp"

#include "messages/cluster/placement.hpp"
#include "persistence/database/query_builder.hpp"
#include "persistence/queries/account_queries.hpp"
#include "persistence/queries/event_horizon.hpp"
#include "persistence/queries/log_reader.hpp"
#include "persistence/queries/webhook_queries.hpp"

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

} // namespace

struct entity_loader::prepared {
  std::string id;
  long long version = 0;
  int schema = 0;
  std::string state;
  long long newest_event = 0;
  soci::statement statement;

  explicit prepared(soci::session& session)
    : statement{(session.prepare << "select coalesce(e.version, 0), coalesce(e.schema, 1), coalesce(e.state, ''), "
                                    "coalesce((select max(version) from events where stream = :id), 0) "
                                    "from (select 1 as one) always left join entities e on e.id = :id",
                 soci::use(id, "id"), soci::into(version), soci::into(schema), soci::into(state),
                 soci::into(newest_event))} {}
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
  if (query.kind == entity_kind::notifier || query.kind == entity_kind::auditor || query.kind == entity_kind::webhook)
    entity.generation = find_log_bounds(database_).generation;
  return entity;
}

found_reservation run_query(connection& database, const find_reservation& query) {
  query_builder builder{database};
  builder.use(query.order, "wanted");
  const auto rows = fetch_reservation_rows(builder, query.product, "order_id = :wanted");
  return rows.empty() ? found_reservation{} : found_reservation{rows.front().reservation};
}

unfinished_page run_query(connection& database, const list_unfinished& query) {
  const int kind = static_cast<int>(query.kind);
  std::string sql = "select id, coalesce(due_at, -1) from entities where unfinished and kind = :kind and id > :after";
  if (!query.shards.empty() && query.shards.size() < shard_count) {
    std::string shards;
    for (const auto shard : query.shards)
      shards += (shards.empty() ? "" : ",") + std::to_string(shard);
    sql += " and shard in (" + shards + ")";
  }
  std::string id;
  long long due = 0;
  query_builder builder{database};
  builder.use(kind, "kind");
  builder.use(query.after, "after");
  builder.into(id);
  builder.into(due);
  builder.execute(sql + " order by id limit " + std::to_string(query.limit));
  unfinished_page page;
  while (builder.fetch())
    page.entities.push_back({id, to_optional_time(due)});
  return page;
}

} // namespace waybill
