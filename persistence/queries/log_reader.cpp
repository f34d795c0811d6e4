#include "persistence/queries/log_reader.hpp"

#include "domain/base/errors.hpp"
#include "persistence/journal/event_meta.hpp"
#include "persistence/queries/event_horizon.hpp"
#include "persistence/queries/log/filter_terms.hpp"
#include "persistence/queries/log/settled.hpp"

#include <algorithm>

// The order of the log in PostgreSQL is (txid, seq): the number of the writing transaction, then a sequence. The order
// of the sequence alone would not do: numbers are handed out while transactions run, so number 7 may become visible
// after a reader has seen number 8 and moved on, and its event would be skipped for good. Transaction numbers have the
// same weakness, but for them PostgreSQL says below which number nothing is running any more (pg_snapshot_xmin of the
// reading statement's own snapshot): all events below it are visible to this very statement, and no new one can come.
// A reader goes up to there only.
//
// That is held up by every transaction of the server, also of other databases. When it stands still, a reader asks
// which transactions write events (find_settled_end), in a statement of its own before the one that reads.
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
    result.version = static_cast<std::uint64_t>(version);
    result.schema = static_cast<std::uint16_t>(schema);
    result.at = to_time(at);
    result.position = position.position();
    result.position.check = event_check(result.stream, result.version, result.at);
    auto [origin, node] = parse_event_meta(meta);
    result.origin = std::move(origin);
    result.node = std::move(node);
    return result;
  }
};

/// The columns that tell a position and its event apart from all others.
struct place_values {
  position_values position;
  std::string stream;
  long long version = 0;
  long long at = 0;

  static std::string columns(dialect kind) { return log_sql_for(kind).columns + ", stream, version, at"; }

  void bind(query_builder& query) {
    query.into(position.transaction);
    query.into(position.sequence);
    query.into(stream);
    query.into(version);
    query.into(at);
  }

  [[nodiscard]] log_position get() const {
    auto result = position.position();
    result.check = event_check(stream, static_cast<std::uint64_t>(version), to_time(at));
    return result;
  }
};

log_position find_newest(connection& database, const std::string& visible) {
  const auto& sql = log_sql_for(database.kind());
  place_values newest;
  query_builder builder{database};
  newest.bind(builder);
  builder.execute("select " + place_values::columns(database.kind()) + " from events where " + visible + " order by "
                  + sql.descending + " limit 1");
  return builder.fetch() ? newest.get() : log_position{};
}

/// Where the scan for `query` ends: all that lies behind `after` and up to there can be read by later statements too.
log_position end_of_scan(connection& database, const read_log& query, const std::string& visible) {
  const auto& sql = log_sql_for(database.kind());
  if (query.filter.stream.empty() && query.filter.order.empty()) {
    const position_values after{query.after};
    place_values last;
    query_builder builder{database};
    use_position(builder, database.kind(), "after", after);
    last.bind(builder);
    builder.execute("select " + place_values::columns(database.kind()) + " from events where " + sql.behind + " and "
                    + visible + " order by " + sql.order + " limit 1 offset " + std::to_string(scan_window - 1));
    if (builder.fetch())
      return last.get();
  }
  const auto newest = find_newest(database, visible);
  return query.after.bare() < newest ? newest : query.after;
}

} // namespace

const log_sql& log_sql_for(dialect kind) {
  static const log_sql sqlite{"cast('0' as text), position",
                              "position",
                              "position desc",
                              "position > :after_sequence",
                              "position <= :end_sequence",
                              "position >= :after_sequence",
                              "position = :at_sequence"};
  static const log_sql postgresql{
    // Named apart: `order by txid` would mean a result column of that name, and texts sort otherwise.
    "cast(txid as text) as transaction_number, seq",
    "events.txid, events.seq",
    "events.txid desc, events.seq desc",
    "(txid, seq) > (cast(cast(:after_transaction as text) as xid8), cast(:after_sequence as bigint))",
    "(txid, seq) <= (cast(cast(:end_transaction as text) as xid8), cast(:end_sequence as bigint))",
    "(txid, seq) >= (cast(cast(:after_transaction as text) as xid8), cast(:after_sequence as bigint))",
    "txid = cast(cast(:at_transaction as text) as xid8) and seq = cast(:at_sequence as bigint)"};
  return kind == dialect::sqlite ? sqlite : postgresql;
}

void use_position(query_builder& query, dialect kind, const std::string& name, const position_values& position) {
  if (kind == dialect::postgresql)
    query.use(position.transaction, name + "_transaction");
  query.use(position.sequence, name + "_sequence");
}

log_position find_log_end(connection& database) {
  const auto bounds = find_log_bounds(database);
  const auto newest = find_newest(database, visible_now(database));
  return std::max(newest, bounds.horizon).of_generation(bounds.generation);
}

namespace {

/// What `find_log_page` needs to know besides the query.
struct page_scan {
  std::string visible;
  /// Begins with the event at `after`, to see whether it is the one that the reader knew.
  bool with_first = false;
  /// Goes on behind what is visible: see read_log.
  bool unsettled = false;
};

log_page find_log_page(connection& database, const read_log& query, const page_scan& scan) {
  const auto& sql = log_sql_for(database.kind());
  filter_terms terms{query.filter, database.kind()};
  if (scan.unsettled)
    terms.add_unseen(query.seen);
  log_page page;
  page.next = query.after;
  if (query.limit == 0)
    return page;
  if (!terms.empty())
    page.next = end_of_scan(database, query, scan.visible);
  const position_values after{query.after};
  const position_values end{page.next};
  query_builder builder{database};
  use_position(builder, database.kind(), "after", after);
  const bool ends = !terms.empty() && !scan.unsettled;
  if (ends)
    use_position(builder, database.kind(), "end", end);
  for (const auto& [name, value] : terms.values())
    builder.use(value, name);
  event_values row;
  row.bind(builder);
  auto where = scan.with_first ? sql.from : sql.behind;
  if (terms.empty())
    where += " and " + scan.visible;
  else
    where = (ends ? between_for(query.filter, database.kind()) : where) + terms.sql();
  builder.execute("select " + event_values::columns(database.kind()) + " from events where " + where + " order by "
                  + sql.order + " limit " + std::to_string(query.limit + (scan.with_first ? 1U : 0U)));
  while (builder.fetch())
    page.events.push_back(row.get());
  if (scan.unsettled) {
    page.seen = query.seen;
    place_unsettled(page);
  }
  if (!page.events.empty() && (terms.empty() || page.events.size() == query.limit))
    page.next = page.events.back().position;
  return page;
}

/// The digest of the event at `place`; nothing when there is none.
std::optional<std::uint32_t> find_check(connection& database, const log_position& place) {
  const auto& sql = log_sql_for(database.kind());
  const position_values at{place};
  place_values found;
  query_builder builder{database};
  use_position(builder, database.kind(), "at", at);
  found.bind(builder);
  builder.execute("select " + place_values::columns(database.kind()) + " from events where " + sql.exactly);
  return builder.fetch() ? std::optional{found.get().check} : std::nullopt;
}

/// Whether the history up to `place` is the one that its reader knew. When the event at the place is the same, so is
/// everything before it: a log that was replaced differs from some event on, and in all events behind that. A place
/// without a digest is of a version of Waybill that gave none, or of no event: it has to lie within the log.
bool is_of_this_log(connection& database, const log_position& place, const log_position& horizon) {
  if (place.bare() == horizon)
    return true;
  if (const auto check = find_check(database, place))
    return place.check == 0 || place.check == *check;
  return place.check == 0 && place.bare() < find_newest(database, visible_now(database));
}

/// The first event of a page that begins with the one at `after` is taken off the page; nothing when it is not the one
/// that the reader knew.
std::optional<log_page> take_first_off(log_page page, const log_position& after) {
  if (page.events.empty() || page.events.front().position != after.bare()
      || (after.check != 0 && after.check != page.events.front().position.check))
    return std::nullopt;
  page.events.erase(page.events.begin());
  if (page.events.empty())
    page.next = after;
  return page;
}

void stamp(log_page& page, std::uint64_t generation) {
  page.next.generation = generation;
  for (auto& event : page.events)
    event.position.generation = generation;
}

/// Orders are asked for one by one, by people: what is written of one is shown at once. With SQLite all is settled.
page_scan scan_for(connection& database, const read_log& query) {
  const bool of_order = !query.filter.order.empty();
  return {visible_now(database, of_order), false,
          query.unsettled && of_order && database.kind() == dialect::postgresql};
}

} // namespace

// The bounds are read after the page. The horizon only moves forward: a position that is not below it then had all
// events behind it when the page was read. A query from the earliest event begins at the horizon instead; what is
// removed between that look and the page is before the oldest kept event, as is everything that was removed earlier.
std::variant<log_page, log_gap> read_log_page(connection& database, read_log query) {
  const auto asked = query.after;
  const bool from_beginning = asked.bare() == log_position{};
  if (query.from_earliest) {
    const auto bounds = find_log_bounds(database);
    if (asked.generation != bounds.generation && !from_beginning)
      return log_gap::foreign;
    const bool known = bounds.horizon < asked.bare() && is_of_this_log(database, asked, bounds.horizon);
    query.after = known ? asked : bounds.horizon;
    auto page = find_log_page(database, query, scan_for(database, query));
    stamp(page, bounds.generation);
    return page;
  }
  auto scan = scan_for(database, query);
  // Whoever follows the log asks often: the event at the position comes with the page.
  scan.with_first = query.limit > 0 && query.filter == event_filter{} && !from_beginning;
  std::optional<log_page> page = find_log_page(database, query, scan);
  if (scan.with_first)
    page = take_first_off(std::move(*page), asked);
  const auto bounds = find_log_bounds(database);
  if (asked.generation != bounds.generation && !from_beginning)
    return log_gap::foreign;
  if (asked.bare() < bounds.horizon)
    return log_gap::removed;
  if (!from_beginning && (!page || !scan.with_first) && !is_of_this_log(database, asked, bounds.horizon))
    return log_gap::foreign;
  if (!page) {
    scan.with_first = false;
    page = find_log_page(database, query, scan);
    if (asked.bare() < find_log_bounds(database).horizon)
      return log_gap::removed;
  }
  stamp(*page, bounds.generation);
  return std::move(*page);
}

std::variant<log_page, log_gap> read_log_page_behind(connection& database, log_position bare_place,
                                                     std::uint32_t limit) {
  auto page = find_log_page(database, {bare_place, {}, limit}, {visible_now(database), false});
  if (bare_place < find_log_bounds(database).horizon)
    return log_gap::removed;
  return page;
}

result<log_page> to_log_answer(result<std::variant<log_page, log_gap>> outcome) {
  if (!outcome)
    return outcome.error();
  if (auto* page = std::get_if<log_page>(&*outcome))
    return std::move(*page);
  return failure{ec::cursor_expired, std::get<log_gap>(*outcome) == log_gap::removed
                                       ? "events behind this position have been removed; start again from earliest"
                                       : "this position is not of this log, which may have been replaced since; start "
                                         "again from earliest"};
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
