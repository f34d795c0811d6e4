#include "domain/base/errors.hpp"
#include "persistence/database/connection.hpp"
#include "persistence/database/query_builder.hpp"
#include "persistence/queries/account_queries.hpp"
#include "persistence/queries/courier_queries.hpp"
#include "persistence/queries/log_reader.hpp"
#include "persistence/queries/webhook_queries.hpp"

#include "messages/cluster/placement.hpp"

#include <algorithm>

namespace waybill {

namespace {

/// How long after its last moment a reservation can still be asked for by a late command.
constexpr std::chrono::minutes asked_for{5};

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return text;
}

/// The one row that every activation of an entity reads, prepared once.
struct entity_statement {
  std::string id;
  long long version = 0;
  int schema = 0;
  std::string state;
  long long newest = 0;
  soci::statement statement;

  explicit entity_statement(soci::session& session)
    : statement{(session.prepare << "select coalesce(e.version, 0), coalesce(e.schema, 1), coalesce(e.state, ''), "
                                    "coalesce((select max(version) from events where stream = :id), 0) "
                                    "from (select 1 as one) always left join entities e on e.id = :id",
                 soci::use(id, "id"), soci::into(version), soci::into(schema), soci::into(state), soci::into(newest))} {
  }
};

class sql_query : public query_store {
public:
  explicit sql_query(const store_config& config) : database_{config, access::read} {}

  ~sql_query() override {
    // A statement says good-bye to the server too.
    const connection::time_limit limit{database_};
    entity_.reset();
  }

  result<stored_entity> run(const load_entity& query) override {
    return guarded([&] { return load(query); });
  }
  result<found_reservation> run(const find_reservation& query) override {
    return guarded([&] { return reservation_of(query); });
  }
  result<unfinished_page> run(const list_unfinished& query) override {
    return guarded([&] { return unfinished(query); });
  }
  result<log_page> run(const read_log& query) override {
    return to_log_answer(guarded([&] { return read_log_page(database_, query); }));
  }
  result<log_position> run(const get_log_end&) override {
    return guarded([&] { return find_log_end(database_); });
  }
  result<state_page> run(const list_orders& query) override {
    return guarded([&] { return orders(query); });
  }
  result<state_page> run(const list_products& query) override {
    return guarded([&] { return products(query); });
  }
  result<notification_page> run(const list_notifications& query) override {
    return guarded([&] { return notifications(query); });
  }
  result<user_page> run(const find_user& query) override {
    return guarded([&] { return read_users(database_, query); });
  }
  result<user_page> run(const list_users& query) override {
    return guarded([&] { return read_users(database_, query); });
  }
  result<found_service_key> run(const find_service_key& query) override {
    return guarded([&] { return read_service_key(database_, query); });
  }
  result<service_key_page> run(const list_service_keys& query) override {
    return guarded([&] { return read_service_keys(database_, query); });
  }
  result<state_page> run(const list_couriers& query) override {
    return guarded([&] { return read_couriers(database_, query); });
  }
  result<state_page> run(const list_deliveries& query) override {
    return guarded([&] { return read_deliveries(database_, query); });
  }
  result<free_couriers> run(const find_free_couriers& query) override {
    return guarded([&] { return read_free_couriers(database_, query); });
  }
  result<webhook_page> run(const list_webhooks& query) override {
    return guarded([&] { return read_webhooks(database_, query); });
  }
  result<webhook_delivery_page> run(const list_webhook_deliveries& query) override {
    return guarded([&] { return read_webhook_deliveries(database_, query); });
  }
  result<void> run(const check_store&) override {
    const auto found = guarded([&] {
      int number = 0;
      database_.session() << "select max(number) from schema_migrations", soci::into(number);
      return number;
    });
    if (!found)
      return found.error();
    return {};
  }

private:
  template <class Function>
  auto guarded(Function f) -> result<decltype(f())> {
    const connection::time_limit limit{database_};
    // That a kept connection was cut meanwhile only shows when it is used, and a query may be asked twice.
    for (bool may_repeat = !database_.is_lost();; may_repeat = false) {
      try {
        connection::require_reachable();
        return f();
      } catch (const std::exception&) {
        auto reason = database_.explain(std::current_exception());
        const bool again = may_repeat && reason.code == ec::unavailable && !database_.is_cut_off();
        entity_.reset();
        database_.disconnect();
        if (!again)
          return reason;
      }
    }
  }

  stored_entity load(const load_entity& query) {
    if (!entity_)
      entity_ = std::make_unique<entity_statement>(database_.session());
    entity_->id = query.id;
    entity_->statement.execute(true);
    // To the end: a statement in the middle of its rows would keep SQLite's connection in the past.
    entity_->statement.fetch();
    stored_entity found;
    found.version = static_cast<std::uint64_t>(entity_->version);
    found.schema = static_cast<std::uint16_t>(entity_->schema);
    found.state = entity_->state;
    if (entity_->newest > entity_->version)
      found.later = read_stream(database_, query.id, found.version);
    if (!found.later.empty())
      found.version = found.later.back().version;
    if (query.kind == entity_kind::product)
      found.reservations = reservations_of(query.id);
    if (query.kind == entity_kind::user)
      found.user = read_user(database_, query.id);
    if (query.kind == entity_kind::webhook)
      found.webhook = read_webhook(database_, query.id);
    return found;
  }

  /// The reservations of `product` for which `condition` holds, a term over the columns and the values of `builder`.
  static std::vector<reservation_row> fetch_reservations(query_builder& builder, const std::string& product,
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

  std::vector<reservation_row> reservations_of(const std::string& product) {
    const auto since = to_number(now() - asked_for);
    query_builder builder{database_};
    builder.use(since, "since");
    return fetch_reservations(
      builder, product,
      "(reserve_by >= :since or status = " + std::to_string(static_cast<int>(product::reservation_status::live)) + ")");
  }

  found_reservation reservation_of(const find_reservation& query) {
    query_builder builder{database_};
    builder.use(query.order, "wanted");
    const auto rows = fetch_reservations(builder, query.product, "order_id = :wanted");
    return rows.empty() ? found_reservation{} : found_reservation{rows.front().reservation};
  }

  unfinished_page unfinished(const list_unfinished& query) {
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
    query_builder builder{database_};
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

  state_page orders(const list_orders& query) {
    const auto time = to_number(query.cursor_time);
    const auto after = to_number(query.created_after);
    const auto before = to_number(query.created_before);
    std::string sql = "select e.state from orders o join entities e on e.id = o.id where true";
    query_builder builder{database_};
    const auto add = [&](bool wanted, const char* term, const auto& value, const char* name) {
      if (!wanted)
        return;
      sql += term;
      builder.use(value, name);
    };
    add(!query.customer.empty(), " and o.customer_id = :customer", query.customer, "customer");
    add(!query.status.empty(), " and o.status = :status", query.status, "status");
    add(query.created_after.has_value(), " and o.created_at > :created_after", after, "created_after");
    add(query.created_before.has_value(), " and o.created_at < :created_before", before, "created_before");
    if (query.cursor_time) {
      sql +=
        query.oldest_first ? " and (o.created_at, o.id) > (:time, :id)" : " and (o.created_at, o.id) < (:time, :id)";
      builder.use(time, "time");
      builder.use(query.cursor_id, "id");
    }
    sql += query.oldest_first ? " order by o.created_at, o.id" : " order by o.created_at desc, o.id desc";
    return fetch_states(builder, sql, query.limit);
  }

  state_page products(const list_products& query) {
    const auto wanted = lower(query.query);
    std::string sql = "select e.state from products p join entities e on e.id = p.id "
                      "where not p.withdrawn and p.id > :after";
    query_builder builder{database_};
    builder.use(query.cursor_id, "after");
    if (!wanted.empty()) {
      const std::string find = database_.kind() == dialect::sqlite ? "instr" : "strpos";
      sql += " and (" + find + "(lower(p.sku), :wanted) > 0 or " + find + "(lower(p.name), :wanted) > 0)";
      builder.use(wanted, "wanted");
    }
    return fetch_states(builder, sql + " order by p.id", query.limit);
  }

  notification_page notifications(const list_notifications& query) {
    std::string sql = "select id, order_id, kind, text, created_at, coalesce(read_at, -1) from notifications "
                      "where customer_id = :customer";
    stored_notification found;
    found.row.customer = query.customer;
    long long created_at = 0;
    long long read_at = 0;
    query_builder builder{database_};
    builder.use(query.customer, "customer");
    if (query.unread_only)
      sql += " and read_at is null";
    if (!query.cursor_id.empty()) {
      sql += " and id < :before";
      builder.use(query.cursor_id, "before");
    }
    builder.into(found.row.id);
    builder.into(found.row.order);
    builder.into(found.row.kind);
    builder.into(found.row.text);
    builder.into(created_at);
    builder.into(read_at);
    builder.execute(sql + " order by id desc limit " + std::to_string(std::uint64_t{query.limit} + 1));
    notification_page page;
    while (builder.fetch()) {
      page.more = page.notifications.size() == query.limit;
      if (page.more)
        break;
      found.row.created_at = to_time(created_at);
      found.read_at = to_optional_time(read_at);
      page.notifications.push_back(found);
    }
    return page;
  }

  connection database_;
  std::unique_ptr<entity_statement> entity_;
};

} // namespace

std::unique_ptr<query_store> open_query_store(const store_config& config) {
  return std::make_unique<sql_query>(config);
}

} // namespace waybill
