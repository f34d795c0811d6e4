#include "persistence/log/log_watch.hpp"

#include "domain/base/log.hpp"

#include <algorithm>
#include <utility>

namespace waybill {

/// What a database says of itself and its server.
struct log_identity {
  std::uint64_t generation = 0;
  std::string recorded_server;
  /// Empty when it is not known: a server in recovery has no timeline of its own, and nothing can be written to it.
  std::string server;
  std::uint64_t written_to = 0;

  [[nodiscard]] bool is_on_another_server() const {
    return !recorded_server.empty() && !server.empty() && server != recorded_server;
  }
};

namespace {

/// Longer than a commit of ours takes, so that a look at the locks is rare; much shorter than anybody waits for events.
constexpr milliseconds patience{1'000};

/// A server and the line of its history that it writes: a copy that is promoted has another timeline, a database that
/// was made anew another system identifier. From the name of the segment that is being written: pg_control_checkpoint()
/// tells the timeline of the last checkpoint, which after a promotion is still the old one.
constexpr auto server_sql =
  "(select system_identifier::text || '/' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8) "
  "from pg_control_system()), (pg_current_wal_flush_lsn() - '0/0'::pg_lsn)::bigint";

log_identity read_identity(soci::session& session) {
  log_identity found;
  long long generation = 0;
  session << "select generation, server from event_horizon", soci::into(generation), soci::into(found.recorded_server);
  found.generation = static_cast<std::uint64_t>(generation);
  int can_tell = 0;
  session << "select case when has_function_privilege('pg_control_system()', 'execute') and not pg_is_in_recovery() "
             "then 1 else 0 end",
    soci::into(can_tell);
  if (can_tell == 0)
    return found;
  long long written_to = 0;
  session << std::string{"select "} + server_sql, soci::into(found.server), soci::into(written_to);
  found.written_to = static_cast<std::uint64_t>(written_to);
  return found;
}

/// The provider's ledger may have no tables yet.
bool has_log(soci::session& session) {
  int columns = 0;
  session << "select count(*)::int from pg_attribute where attrelid = to_regclass('event_horizon') "
             "and attname = 'generation'",
    soci::into(columns);
  return columns != 0;
}

/// An event that was archived and removed proves nothing.
bool is_lost(soci::session& session, const known_event& known) {
  const auto version = static_cast<long long>(known.version);
  const auto at = static_cast<long long>(known.at.time_since_epoch().count());
  int lost = 0;
  session
    << "select case when exists (select 1 from appends where stream = :stream and version = :version and at = :at) "
       "or (select removed > 0 and event_horizon.at >= :at_of_horizon from event_horizon) then 0 else 1 end",
    soci::use(known.stream, "stream"), soci::use(version, "version"), soci::use(at, "at"),
    soci::use(at, "at_of_horizon"), soci::into(lost);
  return lost != 0;
}

/// The first process that finds the log replaced begins the new generation, the others find it begun.
std::uint64_t begin_generation(soci::session& session, std::uint64_t after, const std::string& server) {
  const auto time = std::chrono::floor<milliseconds>(std::chrono::system_clock::now()).time_since_epoch().count();
  const auto before = static_cast<long long>(after);
  const auto next = std::max<long long>(before + 1, time);
  session << "update event_horizon set generation = :next, server = :server where generation = :before",
    soci::use(next, "next"), soci::use(server, "server"), soci::use(before, "before");
  long long begun = 0;
  session << "select generation from event_horizon", soci::into(begun);
  return static_cast<std::uint64_t>(begun);
}

void record_server(soci::session& session, const log_identity& now) {
  if (now.recorded_server.empty() && !now.server.empty())
    session << "update event_horizon set server = :server where server = ''", soci::use(now.server, "server");
}

constexpr auto found_by_another = "another process found it replaced";

} // namespace

void log_watch::meet(soci::session& session, const std::optional<known_event>& last_written) {
  if (!has_log(session))
    return;
  known_log before;
  {
    const std::lock_guard lock{mutex_};
    // What was settled on a server that is gone says nothing of this one.
    settled_ = 0;
    before = {known_, generation_, written_to_};
  }
  auto now = read_identity(session);
  record_server(session, now);
  const auto reason = find_difference(session, before, now, last_written);
  if (reason.empty()) {
    note(now.generation, now.written_to);
    return;
  }
  now.generation = begin_generation(session, now.generation, now.server);
  {
    const std::lock_guard lock{mutex_};
    written_to_ = now.written_to;
    known_ = true;
  }
  replace(now.generation, reason);
}

/// Why this is not the log that the process knew `before` it read the identity of this one, for people; empty when it
/// is, or when another process found out first. What other connections have noted since then may be newer.
std::string log_watch::find_difference(soci::session& session, const known_log& before, const log_identity& now,
                                       const std::optional<known_event>& last_written) {
  if (before.is_known && now.generation > before.generation)
    return {};
  if (before.is_known && now.generation < before.generation)
    return "its generation was " + std::to_string(before.generation) + " and is " + std::to_string(now.generation);
  if (now.is_on_another_server())
    return "the database was on the server " + now.recorded_server + " and is on " + now.server;
  if (!now.server.empty() && now.written_to < before.written_to)
    return "the server's write-ahead log ends before what this node has seen of it";
  // Of a log that was replaced before it is known already.
  if (last_written && last_written->generation == now.generation && is_lost(session, *last_written))
    return "event " + std::to_string(last_written->version) + " of " + last_written->stream
           + ", which this node wrote, is not there";
  return {};
}

void log_watch::note(std::uint64_t generation, std::uint64_t written_to) {
  {
    const std::lock_guard lock{mutex_};
    // A late answer of the former log.
    if (known_ && generation < generation_)
      return;
    // What is known of the end of the former log says nothing of this one.
    written_to_ = generation > generation_ ? written_to : std::max(written_to_, written_to);
    if (!std::exchange(known_, true))
      generation_ = generation;
    if (generation <= generation_)
      return;
  }
  replace(generation, found_by_another);
}

void log_watch::replace(std::uint64_t generation, const std::string& reason) {
  on_replaced callback;
  {
    const std::lock_guard lock{mutex_};
    // Another connection was first.
    if (generation <= generation_)
      return;
    generation_ = generation;
    ++replacements_;
    oldest_ = settled_ = 0;
    callback = callback_;
  }
  log_error("the event log was replaced: {}; positions of the former log are refused, what this node has in memory is "
            "dropped, and its generation is now {}",
            reason, generation);
  if (callback)
    callback(generation, reason);
}

void log_watch::subscribe(on_replaced callback) {
  const std::lock_guard lock{mutex_};
  callback_ = std::move(callback);
}

void log_watch::unsubscribe() {
  subscribe({});
}

void log_watch::note_oldest(std::uint64_t transaction, std::uint64_t next) {
  const auto under_way = transaction == next ? 0 : transaction;
  const std::lock_guard lock{mutex_};
  if (std::exchange(oldest_, under_way) != under_way)
    oldest_since_ = clock::now();
}

bool log_watch::is_held_up() const {
  const std::lock_guard lock{mutex_};
  return oldest_ != 0 && (oldest_ < settled_ || clock::now() - oldest_since_ >= patience);
}

void log_watch::note_settled(std::uint64_t transaction) {
  const std::lock_guard lock{mutex_};
  settled_ = std::max(settled_, transaction);
}

std::uint64_t log_watch::settled() const {
  const std::lock_guard lock{mutex_};
  return settled_;
}

milliseconds log_watch::held_up_for() const {
  const std::lock_guard lock{mutex_};
  return oldest_ == 0 ? milliseconds{0} : std::chrono::duration_cast<milliseconds>(clock::now() - oldest_since_);
}

void log_watch::note_delay(log_delay seen) {
  const std::lock_guard lock{mutex_};
  delay_ = std::move(seen);
}

log_delay log_watch::delay() const {
  const std::lock_guard lock{mutex_};
  return delay_;
}

void begin_log_generation(soci::session& session) {
  long long generation = 0;
  std::string server;
  session << "select generation, server from event_horizon", soci::into(generation), soci::into(server);
  begin_generation(session, static_cast<std::uint64_t>(generation), server);
}

void adopt_log(soci::session& session) {
  const auto now = read_identity(session);
  record_server(session, now);
  if (!now.is_on_another_server())
    return;
  begin_generation(session, now.generation, now.server);
  log_error("the event log was replaced: the database was on the server {} and is on {}; positions of the former log "
            "are refused",
            now.recorded_server, now.server);
}

} // namespace waybill
