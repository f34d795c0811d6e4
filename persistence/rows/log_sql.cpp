#include "persistence/rows/log_sql.hpp"

#include "persistence/rows/further_events.hpp"

namespace waybill {

namespace {

/// The second condition of each says what is wanted, the first is for the index.
log_sql make_sqlite() {
  const auto places = std::to_string(places_of_row);
  return {"cast('0' as text), position",
          "position",
          "position desc",
          "position > :after_sequence - " + places + " and position + event_count > :after_sequence + 1",
          "position <= :end_sequence",
          "position > :after_sequence - " + places + " and position + event_count > :after_sequence",
          "position > :at_sequence - " + places
            + " and position <= :at_sequence and position + event_count > :at_sequence"};
}

std::string transaction_of(const std::string& name) {
  return "cast(cast(:" + name + "_transaction as text) as xid8)";
}

std::string sequence_of(const std::string& name) {
  return "cast(:" + name + "_sequence as bigint)";
}

log_sql make_postgresql() {
  const auto places = std::to_string(places_of_row);
  const auto near = "(txid, seq) > (" + transaction_of("after") + ", " + sequence_of("after") + " - " + places + ")";
  const auto ends_behind = " and (txid, seq + event_count) > (" + transaction_of("after") + ", " + sequence_of("after");
  const auto at = sequence_of("at");
  // The place is named apart: `order by txid` would mean a result column of that name.
  return {"cast(txid as text) as transaction_number, seq",
          "appends.txid, appends.seq",
          "appends.txid desc, appends.seq desc",
          near + ends_behind + " + 1)",
          "(txid, seq) <= (" + transaction_of("end") + ", " + sequence_of("end") + ")",
          near + ends_behind + ")",
          "txid = " + transaction_of("at") + " and seq > " + at + " - " + places + " and seq <= " + at
            + " and seq + event_count > " + at};
}

} // namespace

const log_sql& log_sql_for(dialect kind) {
  static const log_sql sqlite = make_sqlite();
  static const log_sql postgresql = make_postgresql();
  return kind == dialect::sqlite ? sqlite : postgresql;
}

void use_position(query_builder& query, dialect kind, const std::string& name, const position_values& position) {
  if (kind == dialect::postgresql)
    query.use(position.transaction, name + "_transaction");
  query.use(position.sequence, name + "_sequence");
}

std::string newest_version_sql(const std::string& stream) {
  return "coalesce((select newest.version + newest.event_count - 1 from appends newest where newest.stream = " + stream
         + " order by newest.version desc limit 1), 0)";
}

} // namespace waybill
