#include "persistence/queries/log/settled.hpp"

#include "persistence/log/held_up.hpp"
#include "persistence/log/log_watch.hpp"
#include "persistence/queries/log/event_horizon.hpp"

#include <algorithm>
#include <chrono>

namespace waybill {

namespace {

/// The number of a transaction below which nothing can come any more, as a term of SQL.
std::string settled_end(connection& database, bool at_once) {
  auto& watch = database.watch();
  if (!at_once && !watch.is_held_up())
    return "pg_snapshot_xmin(pg_current_snapshot())";
  constexpr int attempts = 3;
  for (int i = 0; i < attempts; ++i)
    if (const auto end = find_settled_end(database.session())) {
      watch.note_settled(*end);
      break;
    }
  return "greatest(pg_snapshot_xmin(pg_current_snapshot()), '" + std::to_string(watch.settled()) + "'::xid8)";
}

} // namespace

std::string visible_now(connection& database, bool at_once) {
  return database.kind() == dialect::sqlite ? "position > 0" : "txid < " + settled_end(database, at_once);
}

void note_log_delay(connection& database) {
  /// Longer than any transaction of ours.
  constexpr milliseconds remarkable{5'000};
  if (database.kind() == dialect::sqlite)
    return;
  static_cast<void>(find_log_bounds(database));
  auto& watch = database.watch();
  log_delay delay;
  const auto end = settled_end(database, false);
  long long oldest = no_time;
  database.session() << "select at from appends where txid >= " + end + " order by appends.txid, appends.seq limit 1",
    soci::into(oldest);
  if (const auto since = to_optional_time(oldest))
    delay.oldest_unread = std::max(milliseconds{0}, std::chrono::duration_cast<milliseconds>(now() - *since));
  if (watch.held_up_for() >= remarkable) {
    auto found = find_oldest_transaction(database.session());
    // Of sessions of other roles only a privileged one sees the age: then it is as old as it has been in the way.
    if (found.age_s < 0)
      found.age_s = std::chrono::duration_cast<std::chrono::seconds>(watch.held_up_for()).count();
    // It may have ended meanwhile.
    if (found.age_s > 0) {
      delay.oldest_transaction = milliseconds{found.age_s * 1'000};
      delay.culprit = describe(found);
    }
  }
  watch.note_delay(std::move(delay));
}

void place_unsettled(log_page& page) {
  for (auto& event : page.events) {
    // The position may be a client's and know its generation.
    if (event.position.bare() <= page.next.bare())
      continue;
    event.position = page.next;
    const auto known = std::ranges::find(page.seen, event.stream, &seen_stream::stream);
    auto& place = known == page.seen.end() ? page.seen.emplace_back(seen_stream{event.stream, 0}) : *known;
    place.version = event.version;
  }
}

} // namespace waybill
