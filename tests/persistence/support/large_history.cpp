#include "tests/persistence/support/large_history.hpp"

#include "persistence/database/connection.hpp"

#include <string>

namespace waybill::test {

namespace {

/// `{id:<prefix>}` in a statement becomes the id with the number i, `{position}` the position in the log, `{txid}` and
/// `{number}` PostgreSQL's column of transactions and its value; `n` holds the numbers below `count`.
struct filling {
  int count;
  const char* sql;
};

constexpr filling fillings[]{
  {1'000'000, "insert into orders (id, customer_id, status, created_at) select {id:ord}, case when i % 4 = 0 then "
              "'cus_00000000000000000000' else {id:cus} end, case when i % 100000 = 7 then 'placed' when i % 50 = 3 "
              "then 'cancelled' else 'completed' end, 1700000000000000 + i * cast(1000000 as bigint) from n"},
  {1'000'000, "insert into entities (id, kind, shard, version, schema, state, unfinished, due_at) select {id:ord}, 1, "
              "i % 1024, 9, 1, '{}', i % 100000 = 7, null from n"},
  {300'000, "insert into entities (id, kind, shard, version, schema, state, unfinished, due_at) select {id:dlv}, 4, "
            "i % 1024, 5, 1, '{}', i % 100000 = 7, null from n"},
  {300'000, "insert into entities (id, kind, shard, version, schema, state, unfinished, due_at) select {id:usr}, 9, "
            "i % 1024, 1, 1, '{}', false, null from n"},
  {1'000'000, "insert into appends (stream, version, type, schema, at, order_id, customer_id, meta, data{txid}) select "
              "{id:ord}, 1, 'order.completed', 1, 1700000000000000 + i * cast(1000000 as bigint), {id:ord}, {id:cus}, "
              "'{}', '{}'{number} from n"},
  {1'000,
   "insert into products (id, sku, name, withdrawn, unique_sku, search_text) select {id:prd}, {id:sku}, {id:name}, "
   "false, {id:sku}, {id:sku} from n"},
  {1'000, "insert into entities (id, kind, shard, version, schema, state, unfinished, due_at) select {id:prd}, 2, "
          "i % 1024, 1, 1, '{}', false, null from n"},
  // What is live of two products, and what they sold: one line in ten was closed soon, the others long after anybody
  // could ask for them.
  {10, "insert into reservations (product_id, order_id, status, quantity, available, expires_at, reserve_by) select "
       "case when i % 2 = 0 then 'prd_00000000000000000000' else 'prd_00000000000000000001' end, {id:new}, 0, 1, 0, 0, "
       "0 from n"},
  {1'000'000, "insert into closed_reservations (product_id, order_id, status, quantity, available, expires_at, "
              "reserve_by) select case when i % 2 = 0 then 'prd_00000000000000000000' else 'prd_00000000000000000001' "
              "end, {id:ord}, 2, 1, 0, 1700000000000000 + i * cast(1000000 as bigint) + case when i % 10 = 0 then 0 "
              "else 7200000000 end, 1700000000000000 + i * cast(1000000 as bigint) from n"},
  {1'000'000, "insert into notifications (customer_id, id, order_id, kind, text, created_at, read_at) select case when "
              "i % 4 = 0 then 'cus_00000000000000000000' else {id:cus} end, {id:ntf}, {id:ord}, 'order.completed', "
              "'done', 0, case when i % 100000 = 0 then null else 1 end from n"},
  {300'000,
   "insert into users (id, email, name, password_hash, roles, disabled, created_at) select {id:usr}, {id:mail}, "
   "'name', 'hash', case when i % 100000 = 7 then 'customer,operator' else 'customer' end, false, 0 from n"},
  {100, "insert into service_keys (id, name, token_hash, roles, created_by, created_at, expires_at, revoked_at) select "
        "{id:key}, 'name', {id:hash}, 'customer', 'usr', 0, null, null from n"},
  {200,
   "insert into couriers (id, online, removed, capacity, active, changed_at) select {id:cur}, true, false, 2, 0, i "
   "from n"},
  {200, "insert into entities (id, kind, shard, version, schema, state, unfinished, due_at) select {id:cur}, 11, i, 1, "
        "1, '{}', false, null from n"},
  {300'000, "insert into deliveries (id, courier_id, status, created_at) select {id:dlv}, case when i % 2 = 0 then "
            "'cur_00000000000000000000' else 'cur_00000000000000000001' end, case when i % 100000 = 7 then 'offered' "
            "else 'completed' end, i from n"},
  {1, "insert into webhook_endpoints (id, enabled, secret, previous_secret, previous_until, log_cursor, needed_after, "
      "replayed_to, backlog, last_success_at, last_failure_at, last_error) select {id:whk}, true, '', '', null, "
      "{position}, "
      "{position}, {position}, 0, null, null, '' from n"},
  {1,
   "insert into entities (id, kind, shard, version, schema, state, unfinished, due_at) select {id:whk}, 12, i, 1, 1, "
   "'{}', false, null from n"},
  {1, "insert into sinks (id, password, log_cursor, last_success_at, last_failure_at, last_error) select {id:snk}, '', "
      "{position}, null, null, '' from n"},
  {1,
   "insert into entities (id, kind, shard, version, schema, state, unfinished, due_at) select {id:snk}, 16, i, 1, 1, "
   "'{}', false, null from n"},
  {300'000,
   "insert into webhook_deliveries (endpoint_id, log_position, message_id, stream, version, type, status, "
   "attempts, last_status, last_error, last_duration_ms, next_attempt_at, created_at, changed_at) select "
   "'whk_00000000000000000000', {position}, {id:msg}, {id:ord}, 1, 'order.completed', case when i % 100000 = 7 "
   "then 'pending' else 'delivered' end, 1, 200, '', 1, null, i, i from n"},
};

/// The number i with so many digits.
std::string digits_of(int count, dialect kind) {
  const auto width = std::to_string(count);
  return kind == dialect::sqlite ? "printf('%0" + width + "d', i)" : "lpad(cast(i as text), " + width + ", '0')";
}

void replace_all(std::string& text, const std::string& part, const std::string& by) {
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part))
    text.replace(at, part.size(), by);
}

std::string sql_of(const filling& wanted, dialect kind) {
  std::string sql = wanted.sql;
  for (auto at = sql.find("{id:"); at != std::string::npos; at = sql.find("{id:")) {
    const auto end = sql.find('}', at);
    const auto prefix = sql.substr(at + 4, end - at - 4);
    sql.replace(at, end - at + 1, "'" + prefix + "_' || " + digits_of(20, kind));
  }
  replace_all(sql, "{position}", digits_of(26, kind));
  // A log is of many transactions; a new server has given out some hundreds of numbers.
  const bool sqlite = kind == dialect::sqlite;
  replace_all(sql, "{txid}", sqlite ? "" : ", txid");
  replace_all(sql, "{number}", sqlite ? "" : ", cast(cast(10 + i / 2500 as text) as xid8)");
  return "with recursive n(i) as (select 0 union all select i + 1 from n where i < " + std::to_string(wanted.count - 1)
         + ") " + sql;
}

} // namespace

void fill_with_history(const store_config& store) {
  connection database{store, access::migrate};
  database.begin();
  for (const auto& next : fillings)
    database.session() << sql_of(next, database.kind());
  database.session().commit();
  // SQLite has no such thing by itself.
  if (database.kind() == dialect::postgresql)
    database.session() << "vacuum analyze";
}

} // namespace waybill::test
