#include "persistence/journal/batch_writer.hpp"

#include "messages/cluster/placement.hpp"
#include "persistence/journal/event_meta.hpp"

namespace waybill {

namespace {

using type = column::type;

constexpr std::size_t usual_meta = 256;

constexpr std::string_view events_sql =
  "insert into events (stream, version, type, schema, at, order_id, customer_id, meta, data) {rows}";

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
  return set + " and not exists (select 1 from events where stream = " + id + " and events.version = " + version
         + " + 1)";
}

/// Finds one row for each stream that is at the version that its append builds on. As long as no event was removed, the
/// key (stream, version) proves that: another writer's event would have the next version. When old events are removed
/// (docs/adr/0015), that proof is gone. Then the event of that version proves it, or the stored state, which is never
/// older than what was removed. Example: of a stream at version 7 whose events are all removed, an append that builds
/// on version 3 would find version 4 free; the stored state of version 7 refuses it.
std::string version_checks_sql(bool sqlite) {
  const std::string id = sqlite ? ":id" : "u.id";
  const std::string version = sqlite ? ":version" : "u.version";
  return std::string{"select 1"} + (sqlite ? "" : " from {unnest}")
         + " where (select removed from event_horizon) = 0 or coalesce((select 1 from events where stream = " + id
         + " and events.version = " + version + "), (select case when n.version = " + version
         + " then 1 else 0 end from entities n where n.id = " + id + "), case when " + version
         + " = 0 then 1 else 0 end) = 1";
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
    // The columns are in the order in which add_events and add_entities give the values.
    events_{bulk_->make(events_sql, {{"stream"},
                                     {"version", type::bigint},
                                     {"type"},
                                     {"schema", type::smallint},
                                     {"at", type::bigint},
                                     {"order_id"},
                                     {"customer_id"},
                                     {"meta"},
                                     {"data"}})},
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
    version_checks_{bulk_->make(version_checks_sql(is_sqlite(database)), {{"id"}, {"version", type::bigint}})},
    lists_{*bulk_, is_sqlite(database)}, webhooks_{*bulk_, is_sqlite(database)} {}

void batch_writer::reset() {
  bulk_->reset();
}

bool batch_writer::write(const batch_plan& plan, bool begin) {
  bulk_->clear();
  begin = begin && begin_if_needed();
  add_events(plan);
  add_entities(plan);
  add_waits(plan);
  lists_.add(plan);
  webhooks_.add(plan);
  bulk_->write(begin);
  return changed_entities_.written() == changed_entities_.rows() && version_checks_.written() == version_checks_.rows();
}

/// True when the transaction can begin together with what is written.
bool batch_writer::begin_if_needed() {
  if (bulk_->begins_by_itself())
    return true;
  database_.begin();
  return false;
}

void batch_writer::add_events(const batch_plan& plan) {
  const append* previous = nullptr;
  // One for all events of an append. It must stay until each row is complete.
  std::string meta;
  meta.reserve(usual_meta);
  for (const auto& event : plan.events) {
    if (std::exchange(previous, event.request) != event.request)
      write_json(meta, event.request->origin, node_);
    events_.text(event.request->stream)
      .number(signed_number(event.version))
      .text(event.event->type)
      .number(event.event->schema)
      .number(to_number(event.request->at))
      .text(event.request->order)
      .text(event.request->customer)
      .text(meta)
      .text(event.event->data);
  }
}

void batch_writer::add_entities(const batch_plan& plan) {
  for (const auto& stream : plan.streams) {
    if (stream.snapshot == nullptr) {
      if (stream.version > stream.version_before)
        version_checks_.text(stream.id).number(signed_number(stream.version_before));
      continue;
    }
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
