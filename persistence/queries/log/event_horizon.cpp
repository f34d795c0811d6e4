#include "persistence/queries/log/event_horizon.hpp"

namespace waybill {

namespace {

log_position to_position(long long transaction, long long sequence) {
  return {static_cast<std::uint64_t>(transaction), static_cast<std::uint64_t>(sequence)};
}

} // namespace

event_horizon read_horizon(connection& database) {
  long long txid = 0;
  long long seq = 0;
  long long at = 0;
  long long removed = 0;
  long long begin_txid = 0;
  long long begin_seq = 0;
  long long end_txid = 0;
  long long end_seq = 0;
  database.session() << "select txid, seq, at, removed, begin_txid, begin_seq, end_txid, end_seq from event_horizon",
    soci::into(txid), soci::into(seq), soci::into(at), soci::into(removed), soci::into(begin_txid),
    soci::into(begin_seq), soci::into(end_txid), soci::into(end_seq);
  event_horizon horizon{to_position(txid, seq), to_time(at), static_cast<std::uint64_t>(removed), std::nullopt};
  if (end_txid != 0 || end_seq != 0)
    horizon.range = log_range{to_position(begin_txid, begin_seq), to_position(end_txid, end_seq)};
  return horizon;
}

log_bounds find_log_bounds(connection& database) {
  long long txid = 0;
  long long seq = 0;
  long long generation = 0;
  if (database.kind() == dialect::sqlite) {
    database.session() << "select txid, seq, generation from event_horizon", soci::into(txid), soci::into(seq),
      soci::into(generation);
    database.watch().note(static_cast<std::uint64_t>(generation));
  } else {
    std::string oldest;
    std::string next;
    long long written_to = 0;
    database.session() << "select txid, seq, generation, pg_snapshot_xmin(s)::text, pg_snapshot_xmax(s)::text, "
                          "case when pg_is_in_recovery() then 0 else (pg_current_wal_flush_lsn() - "
                          "'0/0'::pg_lsn)::bigint end from event_horizon, pg_current_snapshot() s",
      soci::into(txid), soci::into(seq), soci::into(generation), soci::into(oldest), soci::into(next),
      soci::into(written_to);
    auto& watch = database.watch();
    watch.note(static_cast<std::uint64_t>(generation), static_cast<std::uint64_t>(written_to));
    watch.note_oldest(std::stoull(oldest), std::stoull(next));
  }
  return {to_position(txid, seq), static_cast<std::uint64_t>(generation)};
}

result<void> begin_log_generation(const store_config& config) {
  if (auto migrated = migrate(config); migrated.has_error())
    return migrated;
  connection database{config, access::migrate};
  try {
    begin_log_generation(database.session());
    return {};
  } catch (const std::exception&) {
    return database.explain(std::current_exception());
  }
}

} // namespace waybill
