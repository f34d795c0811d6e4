#include "persistence/log/held_up.hpp"

#include <algorithm>

namespace waybill {

namespace {

/// pg_locks has the lower half of a transaction's number; `next` is the whole number of a later one.
std::uint64_t whole_number(std::uint32_t low, std::uint64_t next) {
  return next - static_cast<std::uint32_t>(static_cast<std::uint32_t>(next) - low);
}

} // namespace

// Why every transaction below the answer that writes events has ended, and is seen by later statements:
// a writer of events locks the table (its insertion does, or announce_events) before it gets its number, and gives the
// lock back after it has left the list of running transactions (CommitTransaction in xact.c: ProcArrayEndTransaction,
// then ResourceOwnerRelease). `next`, one above the highest number that has ended, is read first. A writer below `next`
// has its number then, so it has the lock on the table: the second statement does not see that lock only if the writer
// has ended. If it sees the lock, it must see the lock on the number as well, which comes a moment after the number
// (AssignTransactionId: XactLockTableInsert).
std::optional<std::uint64_t> find_settled_end(soci::session& session) {
  std::string text;
  session << "select pg_snapshot_xmax(pg_current_snapshot())::text", soci::into(text);
  const std::uint64_t next = std::stoull(text);
  auto end = next;
  const soci::rowset<std::string> writers =
    (session.prepare
     << "select coalesce(t.transactionid::text, '') from pg_locks w left join pg_locks t on "
        "t.virtualtransaction = w.virtualtransaction and t.locktype = 'transactionid' and t.mode = 'ExclusiveLock' "
        "and t.granted where w.locktype = 'relation' and w.relation = 'appends'::regclass "
        "and w.mode = 'RowExclusiveLock' and w.granted "
        "and w.database = (select oid from pg_database where datname = current_database())");
  bool known = true;
  for (const auto& writer : writers) {
    if (writer.empty())
      known = false;
    else
      end = std::min(end, whole_number(static_cast<std::uint32_t>(std::stoul(writer)), next));
  }
  return known ? std::optional{end} : std::nullopt;
}

std::string describe(const oldest_transaction& transaction) {
  const auto named = [](const char* name, const std::string& value) {
    return value.empty() ? std::string{} : std::string{", "} + name + ' ' + value;
  };
  const auto whose = transaction.pid == 0 ? std::string{"a prepared transaction"}
                                          : "the transaction of pid " + std::to_string(transaction.pid);
  return whose + named("application", transaction.application) + named("database", transaction.database)
         + named("state", transaction.state) + " has been open for " + std::to_string(transaction.age_s) + " s";
}

oldest_transaction find_oldest_transaction(soci::session& session) {
  oldest_transaction found;
  session << "select coalesce(l.pid, 0), coalesce(a.application_name, ''), coalesce(a.datname, ''), "
             "coalesce(a.state, ''), coalesce(extract(epoch from clock_timestamp() - a.xact_start)::bigint, "
             "case when l.pid is null then (select extract(epoch from clock_timestamp() - min(p.prepared))::bigint "
             "from pg_prepared_xacts p) end, -1) "
             "from pg_locks l left join pg_stat_activity a on a.pid = l.pid "
             "where l.locktype = 'transactionid' and l.mode = 'ExclusiveLock' and l.granted "
             "order by age(l.transactionid) desc limit 1",
    soci::into(found.pid), soci::into(found.application), soci::into(found.database), soci::into(found.state),
    soci::into(found.age_s);
  return found;
}

} // namespace waybill
