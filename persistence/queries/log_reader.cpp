#include "persistence/queries/log_reader.hpp"

#include "domain/base/errors.hpp"
#include "domain/json/utf8.hpp"
#include "messages/order/order_streams.hpp"
#include "persistence/journal/event_meta.hpp"
#include "persistence/queries/event_horizon.hpp"

#include <algorithm>

// The order of the log in PostgreSQL is (txid, seq): the number of the writing transaction, then a sequence. The order
// of the sequence alone would not do: numbers are handed out while transactions run, so number 7 may become visible
// after a reader has seen number 8 and moved on, and its event would be skipped for good. Transaction numbers have the
// same weakness, but for them PostgreSQL says below which number nothing is running any more (pg_snapshot_xmin of the
// reading statement's own snapshot): all events below it are visible to this very statement, and no new one can come.
// A reader goes up to there only.
//
// Within a stream that order is the order of versions: the writer of version n+1 knew of version n, hence the
// transaction of version n had ended (or is the same) before that of version n+1 began to write and got its number.
//
// SQLite has one writer at a time, so row numbers grow in the order of the commits.

namespace waybill {

namespace {

/// How many events a query looks at, at most, when the filter has no index.
constexpr int scan_window = 10'000;

/// Bounds of the log for a query that finds its rows by their streams. The plus keeps SQLite from using the index of
/// positions: beside a range of streams it would otherwise read the whole log between the bounds.
std::string between_for(const event_filter& filter, dialect kind) {
  if (kind == dialect::sqlite && !filter.order.empty())
    return "+position > :after_sequence and +position <= :end_sequence";
  return log_sql_for(kind).behind + " and " + log_sql_for(kind).up_to;
}

/// The filter as SQL, and the values that it refers to.
struct filter_terms {
  std::string sql;
  std::vector<std::pair<std::string, std::string>> values;

  filter_terms(const event_filter& filter, dialect kind) {
    add_equal("stream", filter.stream);
    if (!filter.order.empty())
      add_streams_of(filter.order);
    add_owner(filter, kind);
    if (filter.types.empty() || std::find(filter.types.begin(), filter.types.end(), "*") != filter.types.end())
      return;
    std::string any;
    for (const auto& pattern : filter.types) {
      const auto name = "type" + std::to_string(values.size());
      const bool prefix = pattern.ends_with('*');
      const auto text = prefix ? pattern.substr(0, pattern.size() - 1) : pattern;
      any += any.empty() ? "" : " or ";
      any += prefix ? "substr(type, 1, " + std::to_string(count_code_points(text)) + ") = :" + name : "type = :" + name;
      values.emplace_back(name, text);
    }
    sql += " and (" + any + ")";
  }

private:
  void add_streams_of(const std::string& order) {
    std::string any;
    for (const auto& stream : streams_of_order(order)) {
      const auto name = "stream" + std::to_string(values.size());
      any += (any.empty() ? ":" : ", :") + name;
      values.emplace_back(name, stream);
    }
    any = "stream in (" + any + ")";
    // As a range: a `like` whose pattern is a parameter has no index.
    if (const auto further = further_payments_of(order); !further.empty()) {
      any += " or (stream > :further and stream < :further_end)";
      values.emplace_back("further", further);
      values.emplace_back("further_end", further);
      ++values.back().second.back();
    }
    sql += " and (" + any + ")";
  }

  void add_owner(const event_filter& filter, dialect kind) {
    if (filter.courier.empty()) {
      add_equal("customer_id", filter.customer);
      return;
    }
    const std::string find = kind == dialect::sqlite ? "instr" : "strpos";
    sql += " and (stream = :courier or (substr(type, 1, 9) = 'delivery.' and " + find + "(data, :mark) > 0)";
    values.emplace_back("courier", filter.courier);
    values.emplace_back("mark", mark_of_courier(filter.courier));
    if (!filter.customer.empty()) {
      sql += " or customer_id = :customer_id";
      values.emplace_back("customer_id", filter.customer);
    }
    sql += ")";
  }

  void add_equal(const std::string& column, const std::string& value) {
    if (value.empty())
      return;
    sql += " and " + column + " = :" + column;
    values.emplace_back(column, value);
  }
};

/// The columns of an event, for SOCI to fill.
struct event_values {
  position_values position;
  stored_event event;
  std::string meta;
  long long version = 0;
  int schema = 0;
  long long at = 0;

  static std::string columns(dialect kind) {
    return log_sql_for(kind).columns + ", stream, version, type, schema, at, order_id, customer_id, meta, data";
  }

  void bind(query_builder& query) {
    query.into(position.transaction);
    query.into(position.sequence);
    query.into(event.stream);
    query.into(version);
    query.into(event.type);
    query.into(schema);
    query.into(at);
    query.into(event.order);
    query.into(event.customer);
    query.into(meta);
    query.into(event.data);
  }

  stored_event get() {
    auto result = event;
    result.position = position.position();
    result.version = static_cast<std::uint64_t>(version);
    result.schema = static_cast<std::uint16_t>(schema);
    result.at = to_time(at);
    auto [origin, node] = parse_event_meta(meta);
    result.origin = std::move(origin);
    result.node = std::move(node);
    return result;
  }
};

/// Where the scan for `query` ends: all that lies behind `after` and up to there can be read by later statements too.
log_position end_of_scan(connection& database, const read_log& query) {
  const auto& sql = log_sql_for(database.kind());
  if (query.filter.stream.empty() && query.filter.order.empty()) {
    const position_values after{query.after};
    position_values last;
    query_builder builder{database};
    use_position(builder, database.kind(), "after", after);
    builder.into(last.transaction);
    builder.into(last.sequence);
    builder.execute("select " + sql.columns + " from events where " + sql.behind + " and " + sql.visible + " order by "
                    + sql.order + " limit 1 offset " + std::to_string(scan_window - 1));
    if (builder.fetch())
      return last.position();
  }
  return std::max(query.after, find_log_end(database));
}

} // namespace

const log_sql& log_sql_for(dialect kind) {
  static const log_sql sqlite{
    "cast('0' as text), position", "position > 0", "position", "position desc", "position > :after_sequence",
    "position <= :end_sequence"};
  static const log_sql postgresql{
    // Named apart: `order by txid` would mean a result column of that name, and texts sort otherwise.
    "cast(txid as text) as transaction_number, seq",
    "txid < pg_snapshot_xmin(pg_current_snapshot())",
    "events.txid, events.seq",
    "events.txid desc, events.seq desc",
    "(txid, seq) > (cast(cast(:after_transaction as text) as xid8), cast(:after_sequence as bigint))",
    "(txid, seq) <= (cast(cast(:end_transaction as text) as xid8), cast(:end_sequence as bigint))"};
  return kind == dialect::sqlite ? sqlite : postgresql;
}

void use_position(query_builder& query, dialect kind, const std::string& name, const position_values& position) {
  if (kind == dialect::postgresql)
    query.use(position.transaction, name + "_transaction");
  query.use(position.sequence, name + "_sequence");
}

log_position find_log_end(connection& database) {
  const auto& sql = log_sql_for(database.kind());
  position_values newest;
  query_builder builder{database};
  builder.into(newest.transaction);
  builder.into(newest.sequence);
  builder.execute("select " + sql.columns + " from events where " + sql.visible + " order by " + sql.descending
                  + " limit 1");
  return builder.fetch() ? newest.position() : log_position{};
}

namespace {

log_page find_log_page(connection& database, const read_log& query) {
  const auto& sql = log_sql_for(database.kind());
  const filter_terms terms{query.filter, database.kind()};
  log_page page;
  page.next = query.after;
  if (query.limit == 0)
    return page;
  if (!terms.sql.empty())
    page.next = end_of_scan(database, query);
  const position_values after{query.after};
  const position_values end{page.next};
  query_builder builder{database};
  use_position(builder, database.kind(), "after", after);
  if (!terms.sql.empty())
    use_position(builder, database.kind(), "end", end);
  for (const auto& [name, value] : terms.values)
    builder.use(value, name);
  event_values row;
  row.bind(builder);
  builder.execute(
    "select " + event_values::columns(database.kind()) + " from events where "
    + (terms.sql.empty() ? sql.behind + " and " + sql.visible : between_for(query.filter, database.kind()) + terms.sql)
    + " order by " + sql.order + " limit " + std::to_string(query.limit));
  while (builder.fetch())
    page.events.push_back(row.get());
  if (!page.events.empty() && (terms.sql.empty() || page.events.size() == query.limit))
    page.next = page.events.back().position;
  return page;
}

} // namespace

// The horizon is read after the page. It only moves forward: a position that is not below it then had all events behind
// it when the page was read. A query from the earliest event begins at the horizon instead; what is removed between
// that look and the page is before the oldest kept event, as is everything that was removed earlier.
std::optional<log_page> read_log_page(connection& database, read_log query) {
  if (query.from_earliest)
    query.after = std::max(query.after, find_horizon(database));
  auto page = find_log_page(database, query);
  if (!query.from_earliest && query.after < find_horizon(database))
    return std::nullopt;
  return page;
}

result<log_page> to_log_answer(result<std::optional<log_page>> outcome) {
  if (!outcome)
    return outcome.error();
  if (!*outcome)
    return failure{ec::cursor_expired, "events behind this position have been removed; start again from earliest"};
  return std::move(**outcome);
}

std::vector<stored_event> read_stream(connection& database, const std::string& stream, std::uint64_t version,
                                      std::uint32_t limit) {
  const auto above = static_cast<long long>(version);
  std::vector<stored_event> events;
  query_builder builder{database};
  builder.use(stream, "stream");
  builder.use(above, "above");
  event_values row;
  row.bind(builder);
  builder.execute("select " + event_values::columns(database.kind())
                  + " from events where stream = :stream and version > :above order by version limit "
                  + std::to_string(limit));
  while (builder.fetch())
    events.push_back(row.get());
  return events;
}

} // namespace waybill
