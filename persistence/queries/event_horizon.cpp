#include "persistence/queries/event_horizon.hpp"

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

log_position find_horizon(connection& database) {
  long long txid = 0;
  long long seq = 0;
  database.session() << "select txid, seq from event_horizon", soci::into(txid), soci::into(seq);
  return to_position(txid, seq);
}

} // namespace waybill
