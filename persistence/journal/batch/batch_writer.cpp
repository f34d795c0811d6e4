#include "persistence/journal/batch/batch_writer.hpp"

#include "messages/cluster/placement.hpp"
#include "persistence/rows/event_meta.hpp"
#include "persistence/rows/further_events.hpp"

#include <soci/soci.h>

namespace waybill {

namespace {

using type = column::type;

/// With SQLite each row takes the next places; PostgreSQL's sequence gives them.
std::string appends_sql(bool sqlite) {
  const std::string columns =
    "stream, version, type, schema, at, order_id, customer_id, meta, data, event_count, further";
  if (!sqlite)
    return "insert into appends (" + columns + ") {rows}";
  return "insert into appends (position, " + columns
         + ") values (coalesce((select position + event_count from appends order by position desc limit 1), 1), "
           ":stream, "
           ":version, :type, :schema, :at, :order_id, :customer_id, :meta, :data, :event_count, :further)";
}

constexpr std::string_view new_entities_sql =
  "insert into entities (id, kind, shard, version, schema, state, unfinished, due_at) {rows}";

std::string_view changed_entities_sql(bool sqlite) {
  return sqlite ? "update entities set version = :version, schema = :schema, state = :state, unfinished = :unfinished, "
                  "due_at = :due_at, in_line = 0 where id = :id and version between :at_least and :replaces"
                : "update entities e set version = u.version, schema = u.schema, state = u.state, "
                  "unfinished = u.unfinished, due_at = u.due_at, in_line = false from {unnest} where e.id = u.id "
                  "and e.version between u.at_least and u.replaces";
}

/// An event that is newer says that somebody else writes the entity by now.
std::string waits_sql(bool sqlite) {
  const std::string set =
    sqlite ? "update entities set version = :version, schema = :schema, state = :state, unfinished = :unfinished, "
             "due_at = :due_at, in_line = :in_line where id = :id and version <= :version"
           : "update entities e set version = u.version, schema = u.schema, state = u.state, "
             "unfinished = u.unfinished, due_at = u.due_at, in_line = u.in_line from {unnest} where e.id = u.id "
             "and e.version <= u.version";
  const std::string id = sqlite ? ":id" : "u.id";
  const std::string version = sqlite ? ":version" : "u.version";
  return set + " and not exists (select 1 from appends where stream = " + id + " and appends.version = " + version
         + " + 1)";
}

/// Finds one row for each stream that is at the version that its append builds on (docs/adr/0026). The key (stream,
/// version of a row's first event) alone does not prove it: a row may go beyond that version. So the row with that
/// version must end there. When it was removed (docs/adr/0015), the stored state proves it, which is never older than
/// what was removed. Example: of a stream at version 7 whose events are all removed, an append that builds on version 3
/// would find version 4 free; the stored state of version 7 refuses it.
std::string version_checks_sql(bool sqlite) {
  const std::string id = sqlite ? ":id" : "u.id";
  const std::string version = sqlite ? ":version" : "u.version";
  const std::string last = "a.version + a.event_count - 1";
  return std::string{"select 1"} + (sqlite ? "" : " from {unnest}") + " where coalesce((select case when " + last
         + " = " + version + " then 1 when " + last + " > " + version + " then 0 end from appends a where a.stream = "
         + id + " and a.version <= " + version + " and a.version > " + version + " - " + std::to_string(places_of_row)
         + " order by a.version desc limit 1), (select case when n.version = " + version
         + " then 1 else 0 end from entities n where n.id = " + id + "), case when " + version
         + " = 0 then 1 else 0 end) = 1";
}

std::string horizon_check_sql(bool sqlite) {
  const std::string removed = " where (select h.removed from event_horizon h) = ";
  return "select 1" + (sqlite ? removed + ":removed" : " from {unnest}" + removed + "u.removed");
}

/// Zero sorts before all times: what is in the middle of a step is due at once.
long long stored_due(const entity_snapshot& snapshot) {
  if (!snapshot.unfinished)
    return no_time;
  return snapshot.due ? to_number(*snapshot.due) : 0;
}

bool is_sqlite(const connection& database) {
  return database.kind() == dialect::sqlite;
}

} // namespace

batch_writer::batch_writer(connection& database, std::string node)
  : database_{database}, node_{std::move(node)}, bulk_{make_bulk_writer(database)},
    // The columns are in the order in which add_row and add_entities give the values.
    appends_{bulk_->make(appends_sql(is_sqlite(database)), {{"stream"},
                                                            {"version", type::bigint},
                                                            {"type"},
                                                            {"schema", type::smallint},
                                                            {"at", type::bigint},
                                                            {"order_id"},
                                                            {"customer_id"},
                                                            {"meta"},
                                                            {"data"},
                                                            {"event_count", type::smallint},
                                                            {"further"}})},
    version_checks_{bulk_->make(version_checks_sql(is_sqlite(database)), {{"id"}, {"version", type::bigint}})},
    horizon_check_{bulk_->make(horizon_check_sql(is_sqlite(database)), {{"removed", type::bigint}})},
    new_entities_{bulk_->make(new_entities_sql, {{"id"},
                                                 {"kind", type::smallint},
                                                 {"shard", type::smallint},
                                                 {"version", type::bigint},
                                                 {"schema", type::smallint},
                                                 {"state"},
                                                 {"unfinished", type::boolean},
                                                 {"due_at", type::bigint, true}})},
    changed_entities_{bulk_->make(changed_entities_sql(is_sqlite(database)), {{"id"},
                                                                              {"version", type::bigint},
                                                                              {"schema", type::smallint},
                                                                              {"state"},
                                                                              {"unfinished", type::boolean},
                                                                              {"due_at", type::bigint, true},
                                                                              {"at_least", type::bigint},
                                                                              {"replaces", type::bigint}})},
    waits_{bulk_->make(waits_sql(is_sqlite(database)), {{"id"},
                                                        {"version", type::bigint},
                                                        {"schema", type::smallint},
                                                        {"state"},
                                                        {"unfinished", type::boolean},
                                                        {"due_at", type::bigint, true},
                                                        {"in_line", type::boolean}})},
    lists_{*bulk_, is_sqlite(database)}, webhooks_{*bulk_, is_sqlite(database)},
    sinks_{*bulk_, is_sqlite(database)} {}

void batch_writer::reset() {
  bulk_->reset();
  known_.forget();
}

bool batch_writer::write(const batch_plan& plan, bool begin) {
  bulk_->clear();
  look_at_horizon();
  begin = begin && begin_if_needed();
  add_events(plan);
  add_entities(plan);
  add_waits(plan);
  lists_.add(plan);
  webhooks_.add(plan);
  sinks_.add(plan);
  bulk_->write(begin);
  const bool proved = changed_entities_.written() == changed_entities_.rows()
                      && version_checks_.written() == version_checks_.rows()
                      && horizon_check_.written() == horizon_check_.rows();
  if (!proved)
    known_.forget();
  return proved;
}

void batch_writer::note_committed(const batch_plan& plan) {
  for (const auto& stream : plan.streams)
    if (stream.version > stream.version_before)
      known_.note(stream.id, stream.version);
}

void batch_writer::look_at_horizon() {
  if (known_.removed())
    return;
  long long removed = 0;
  database_.session() << "select removed from event_horizon", soci::into(removed);
  known_.set_removed(static_cast<std::uint64_t>(removed));
}

/// True when the transaction can begin together with what is written.
bool batch_writer::begin_if_needed() {
  if (bulk_->begins_by_itself())
    return true;
  database_.begin();
  return false;
}

/// Consecutive events of a stream are one row.
void batch_writer::add_events(const batch_plan& plan) {
  const std::span<const event_write> events{plan.events};
  newest_row_.reset();
  for (std::size_t begin = 0, end = 0; begin < events.size(); begin = end) {
    const auto& stream = events[begin].request->stream;
    while (end < events.size() && end - begin < places_of_row && events[end].request->stream == stream)
      ++end;
    add_row(events.subspan(begin, end - begin));
  }
}

void batch_writer::add_row(std::span<const event_write> events) {
  const auto& first = events.front();
  const auto& row = *first.request;
  const auto& order = order_of(row, *first.event);
  const auto& customer = customer_of(row, *first.event);
  const auto meta = to_json(row.origin, node_);
  const append* previous = &row;
  auto meta_of_previous = meta;
  std::string further;
  for (const auto& [request, event, version] : events.subspan(1)) {
    if (std::exchange(previous, request) != request)
      meta_of_previous = to_json(request->origin, node_);
    further_event item;
    item.type = event->type;
    item.schema = event->schema;
    item.later = request->at - row.at;
    if (const auto& own = order_of(*request, *event); own != order)
      item.order = own;
    if (const auto& own = customer_of(*request, *event); own != customer)
      item.customer = own;
    if (meta_of_previous != meta)
      item.meta = meta_of_previous;
    item.data = event->data;
    add_further(further, item);
  }
  close_further(further);
  appends_.text(row.stream)
    .number(signed_number(first.version))
    .text(first.event->type)
    .number(first.event->schema)
    .number(to_number(row.at))
    .text(order)
    .text(customer)
    .text(meta)
    .text(first.event->data)
    .number(static_cast<long long>(events.size()))
    .text(further);
  newest_row_ = {row.stream, first.version, row.at};
}

void batch_writer::add_entities(const batch_plan& plan) {
  bool relies_on_keys = false;
  for (const auto& stream : plan.streams) {
    // The first state of an entity proves by its key that there was nothing.
    if (stream.version > stream.version_before && (stream.snapshot == nullptr || stream.replaces)) {
      if (known_.proves(stream.id, stream.version_before))
        relies_on_keys = true;
      else
        version_checks_.text(stream.id).number(signed_number(stream.version_before));
    }
    if (stream.snapshot == nullptr)
      continue;
    auto& target = stream.replaces ? changed_entities_ : new_entities_;
    target.text(stream.id);
    if (!stream.replaces)
      target.number(static_cast<int>(stream.kind)).number(shard_of(stream.id));
    target.number(signed_number(stream.snapshot_version))
      .number(stream.snapshot->schema)
      .text(stream.snapshot->state)
      .number(stream.snapshot->unfinished ? 1 : 0)
      .number(stored_due(*stream.snapshot));
    if (stream.replaces)
      target.number(stream.may_be_older ? 0 : signed_number(*stream.replaces)).number(signed_number(*stream.replaces));
  }
  if (relies_on_keys)
    horizon_check_.number(signed_number(*known_.removed()));
}

void batch_writer::add_waits(const batch_plan& plan) {
  for (const auto& [id, wait] : plan.waits)
    waits_.text(id)
      .number(signed_number(wait->version))
      .number(wait->snapshot.schema)
      .text(wait->snapshot.state)
      .number(wait->snapshot.unfinished ? 1 : 0)
      .number(stored_due(wait->snapshot))
      .number(wait->snapshot.in_line ? 1 : 0);
}

} // namespace waybill
