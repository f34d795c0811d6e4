#include "persistence/queries/log/log_reader.hpp"

#include "domain/base/errors.hpp"
#include "persistence/queries/log/event_horizon.hpp"
#include "persistence/queries/log/filter_terms.hpp"
#include "persistence/queries/log/settled.hpp"
#include "persistence/rows/append_row.hpp"
#include "persistence/rows/further_events.hpp"

#include <algorithm>

namespace waybill {

namespace {

/// How many rows a query looks at, at most, when the filter has no index.
constexpr int scan_window = 10'000;

/// Bounds of the log for a query that finds its rows by their streams. The plus keeps SQLite from using the index of
/// positions: beside a range of streams it would otherwise read the whole log between the bounds.
std::string between_for(const event_filter& filter, dialect kind) {
  if (kind == dialect::sqlite && !filter.order.empty())
    return "+position > :after_sequence - " + std::to_string(places_of_row)
           + " and position + event_count > :after_sequence + 1 and +position <= :end_sequence";
  return log_sql_for(kind).behind + " and " + log_sql_for(kind).up_to;
}

log_position find_newest(connection& database, const std::string& visible) {
  append_row newest;
  query_builder builder{database};
  newest.bind(builder);
  builder.execute("select " + append_row::columns(database.kind()) + " from appends where " + visible + " order by "
                  + log_sql_for(database.kind()).descending + " limit 1");
  return builder.fetch() ? newest.last_position() : log_position{};
}

/// Where the scan for `query` ends: all that lies behind `after` and up to there can be read by later statements too.
log_position end_of_scan(connection& database, const read_log& query, const std::string& visible) {
  const auto& sql = log_sql_for(database.kind());
  const auto newest = find_newest(database, visible);
  if (newest <= query.after.bare())
    return query.after;
  // Transactions take their places one among the other, so with PostgreSQL this counts rows only roughly.
  const auto places = database.kind() == dialect::postgresql ? scan_window * places_of_row : std::size_t{scan_window};
  const bool is_far = query.after.bare().sequence + places <= newest.sequence;
  if (is_far && query.filter.stream.empty() && query.filter.order.empty()) {
    const position_values after{query.after};
    append_row last;
    query_builder builder{database};
    use_position(builder, database.kind(), "after", after);
    last.bind(builder);
    builder.execute("select " + append_row::columns(database.kind()) + " from appends where " + sql.behind + " and "
                    + visible + " order by " + sql.order + " limit 1 offset " + std::to_string(scan_window - 1));
    if (builder.fetch())
      return last.last_position();
  }
  return newest;
}

} // namespace

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
  append_row row;
  row.bind(builder);
  auto where = scan.with_first ? sql.from : sql.behind;
  if (terms.empty())
    where += " and " + scan.visible;
  else
    where = (ends ? between_for(query.filter, database.kind()) : where) + terms.sql();
  // Each row has an event behind the position, but perhaps none that matches.
  const auto rows = std::size_t{query.limit} + (scan.with_first ? 1 : 0);
  builder.execute("select " + append_row::columns(database.kind()) + " from appends where " + where + " order by "
                  + sql.order + " limit " + std::to_string(rows));
  const auto first = query.after.bare();
  const auto last = page.next.bare();
  std::size_t fetched = 0;
  log_position looked_at = first;
  while (page.events.size() < rows && builder.fetch()) {
    ++fetched;
    for (auto& event : row.events()) {
      if (scan.with_first ? event.position < first : event.position <= first)
        continue;
      if (page.events.size() == rows || (ends && event.position > last))
        break;
      looked_at = event.position;
      if (terms.matches(event))
        page.events.push_back(std::move(event));
    }
  }
  // There may be more behind it.
  const bool is_cut = fetched == rows || page.events.size() == rows;
  if (scan.unsettled) {
    page.seen = query.seen;
    place_unsettled(page);
  }
  if (terms.empty() ? looked_at != first : is_cut && looked_at < last)
    page.next = looked_at;
  return page;
}

/// The digest of the event at `place`; nothing when there is none.
std::optional<std::uint32_t> find_check(connection& database, const log_position& place) {
  const auto& sql = log_sql_for(database.kind());
  const position_values at{place};
  append_row row;
  query_builder builder{database};
  use_position(builder, database.kind(), "at", at);
  row.bind(builder);
  builder.execute("select " + append_row::columns(database.kind()) + " from appends where " + sql.exactly);
  if (!builder.fetch())
    return std::nullopt;
  return row.events()[place.sequence - row.position.position().sequence].position.check;
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

} // namespace waybill
