#include "persistence/journal/batch_writer.hpp"

#include "messages/cluster/placement.hpp"
#include "persistence/journal/event_meta.hpp"

namespace waybill {

namespace {

using type = column::type;

constexpr std::string_view events_sql =
  "insert into events (stream, version, type, schema, at, order_id, customer_id, meta, data) {rows}";

constexpr std::string_view new_entities_sql =
  "insert into entities (id, kind, shard, version, schema, state, unfinished, due_at) {rows}";

std::string_view changed_entities_sql(bool sqlite) {
  return sqlite ? "update entities set version = :version, schema = :schema, state = :state, unfinished = :unfinished, "
                  "due_at = :due_at where id = :id and version between :at_least and :replaces"
                : "update entities e set version = u.version, schema = u.schema, state = u.state, "
                  "unfinished = u.unfinished, due_at = u.due_at from {unnest} where e.id = u.id "
                  "and e.version between u.at_least and u.replaces";
}

/// One row for each stream whose version was the one that its writer went by. That its next version was free does not
/// prove it when the events of old versions are removed (docs/adr/0015); then what is left of the stream does, or its
/// stored state, which is never older than what was removed.
std::string bases_sql(bool sqlite) {
  const std::string id = sqlite ? ":id" : "u.id";
  const std::string version = sqlite ? ":version" : "u.version";
  return std::string{"select 1"} + (sqlite ? "" : " from {unnest}")
         + " where (select removed from event_horizon) = 0 or coalesce((select 1 from events where stream = " + id
         + " and events.version = " + version + "), (select case when n.version = " + version
         + " then 1 else 0 end from entities n where n.id = " + id + "), case when " + version
         + " = 0 then 1 else 0 end) = 1";
}

constexpr std::string_view new_orders_sql = "insert into orders (id, customer_id, status, created_at) {rows}";

std::string_view changed_orders_sql(bool sqlite) {
  return sqlite ? "update orders set status = :status where id = :id and status <> :status"
                : "update orders o set status = u.status from {unnest} where o.id = u.id and o.status <> u.status";
}

constexpr std::string_view products_sql =
  "insert into products (id, sku, name, withdrawn) {rows} on conflict (id) do update set "
  "sku = excluded.sku, name = excluded.name, withdrawn = excluded.withdrawn";

constexpr std::string_view users_sql =
  "insert into users (id, email, name, password_hash, roles, disabled, created_at) {rows} on conflict (id) do update "
  "set email = excluded.email, name = excluded.name, password_hash = excluded.password_hash, roles = excluded.roles, "
  "disabled = excluded.disabled";

// Of a key nothing changes but that it is revoked, once.
constexpr std::string_view service_keys_sql =
  "insert into service_keys (id, name, token_hash, roles, created_by, created_at, expires_at, revoked_at) {rows} "
  "on conflict (id) do update set revoked_at = coalesce(service_keys.revoked_at, excluded.revoked_at)";

constexpr std::string_view couriers_sql =
  "insert into couriers (id, online, removed, capacity, active, changed_at) {rows} on conflict (id) do update set "
  "online = excluded.online, removed = excluded.removed, capacity = excluded.capacity, active = excluded.active, "
  "changed_at = excluded.changed_at";

constexpr std::string_view deliveries_sql =
  "insert into deliveries (id, courier_id, status, created_at) {rows} on conflict (id) do update set "
  "courier_id = excluded.courier_id, status = excluded.status";

constexpr std::string_view reservations_sql =
  "insert into reservations (product_id, order_id, status, quantity, available, expires_at, reserve_by) {rows} "
  "on conflict (product_id, order_id) do update set status = excluded.status, quantity = excluded.quantity, "
  "available = excluded.available, expires_at = excluded.expires_at, reserve_by = excluded.reserve_by";

std::string_view forgotten_reservations_sql(bool sqlite) {
  return sqlite ? "delete from reservations where product_id = :product_id and order_id = :order_id"
                : "delete from reservations r using {unnest} where r.product_id = u.product_id "
                  "and r.order_id = u.order_id";
}

// A notification that is written again stays read.
constexpr std::string_view notifications_sql =
  "insert into notifications (customer_id, id, order_id, kind, text, created_at, read_at) {rows} "
  "on conflict (customer_id, id) do update set order_id = excluded.order_id, kind = excluded.kind, "
  "text = excluded.text, created_at = excluded.created_at, read_at = coalesce(notifications.read_at, excluded.read_at)";

std::string_view read_notifications_sql(bool sqlite) {
  return sqlite ? "update notifications set read_at = :read_at where customer_id = :customer_id "
                  "and (:id = '' or id = :id) and read_at is null"
                : "update notifications n set read_at = u.read_at from {unnest} "
                  "where n.customer_id = u.customer_id and (u.id = '' or n.id = u.id) and n.read_at is null";
}

constexpr auto look_up_sql = "select coalesce((select max(version) from events where stream = :id), 0), "
                             "coalesce((select version from entities where id = :id), -1)";

/// An array literal (PostgreSQL 15, section 8.15.2): always in quotes, so that NULL, braces and commas are text.
std::string array_literal(const std::vector<std::string_view>& values) {
  std::string array{"{"};
  for (const auto value : values) {
    array += array.size() > 1 ? ",\"" : "\"";
    for (const char c : value) {
      if (c == '"' || c == '\\')
        array += '\\';
      array += c;
    }
    array += '"';
  }
  return array + "}";
}

stream_facts to_facts(long long version, long long entity_version) {
  stream_facts facts;
  if (entity_version >= 0)
    facts.entity_version = static_cast<std::uint64_t>(entity_version);
  facts.version = static_cast<std::uint64_t>(std::max(version, entity_version));
  return facts;
}

} // namespace

batch_writer::batch_writer(connection& database, std::string node)
  : database_{database}, node_{std::move(node)}, sqlite_{database.kind() == dialect::sqlite},
    bulk_{make_bulk_writer(database)}, events_{bulk_->make(events_sql, {{"stream"},
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
    changed_entities_{bulk_->make(changed_entities_sql(sqlite_), {{"id"},
                                                                  {"version", type::bigint},
                                                                  {"schema", type::smallint},
                                                                  {"state"},
                                                                  {"unfinished", type::boolean},
                                                                  {"due_at", type::bigint, true},
                                                                  {"at_least", type::bigint},
                                                                  {"replaces", type::bigint}})},
    version_proofs_{bulk_->make(bases_sql(sqlite_), {{"id"}, {"version", type::bigint}})},
    new_orders_{bulk_->make(new_orders_sql, {{"id"}, {"customer_id"}, {"status"}, {"created_at", type::bigint}})},
    changed_orders_{bulk_->make(changed_orders_sql(sqlite_), {{"id"}, {"status"}})},
    products_{bulk_->make(products_sql, {{"id"}, {"sku"}, {"name"}, {"withdrawn", type::boolean}})},
    forgotten_reservations_{bulk_->make(forgotten_reservations_sql(sqlite_), {{"product_id"}, {"order_id"}})},
    reservations_{bulk_->make(reservations_sql, {{"product_id"},
                                                 {"order_id"},
                                                 {"status", type::smallint},
                                                 {"quantity", type::bigint},
                                                 {"available", type::bigint},
                                                 {"expires_at", type::bigint},
                                                 {"reserve_by", type::bigint}})},
    read_notifications_{
      bulk_->make(read_notifications_sql(sqlite_), {{"customer_id"}, {"id"}, {"read_at", type::bigint}})},
    notifications_{bulk_->make(notifications_sql, {{"customer_id"},
                                                   {"id"},
                                                   {"order_id"},
                                                   {"kind"},
                                                   {"text"},
                                                   {"created_at", type::bigint},
                                                   {"read_at", type::bigint, true}})},
    users_{bulk_->make(users_sql, {{"id"},
                                   {"email"},
                                   {"name"},
                                   {"password_hash"},
                                   {"roles"},
                                   {"disabled", type::boolean},
                                   {"created_at", type::bigint}})},
    service_keys_{bulk_->make(service_keys_sql, {{"id"},
                                                 {"name"},
                                                 {"token_hash"},
                                                 {"roles"},
                                                 {"created_by"},
                                                 {"created_at", type::bigint},
                                                 {"expires_at", type::bigint, true},
                                                 {"revoked_at", type::bigint, true}})},
    couriers_{bulk_->make(couriers_sql, {{"id"},
                                         {"online", type::boolean},
                                         {"removed", type::boolean},
                                         {"capacity", type::bigint},
                                         {"active", type::bigint},
                                         {"changed_at", type::bigint}})},
    deliveries_{bulk_->make(deliveries_sql, {{"id"}, {"courier_id"}, {"status"}, {"created_at", type::bigint}})},
    webhooks_{*bulk_, sqlite_} {}

void batch_writer::clear() {
  bulk_->clear();
}

void batch_writer::reset() {
  bulk_->reset();
  look_up_statement_.reset();
}

// -- looking up -------------------------------------------------------------------------------------------------------

std::vector<stream_facts> batch_writer::look_up(const std::vector<std::string_view>& streams) {
  std::vector<stream_facts> result;
  if (sqlite_) {
    for (const auto stream : streams)
      result.push_back(look_up_one(stream));
    return result;
  }
  const auto ids = array_literal(streams);
  auto& session = database_.session();
  // Locked, so that what is found stays true until the end of the transaction, and in the order of keys, so that two
  // writers do not block each other.
  session
    << "select count(*) from (select 1 from entities where id = any(cast(:ids as text[])) order by id for update) "
       "locked",
    soci::use(ids, "ids");
  long long version = 0;
  long long entity_version = 0;
  soci::statement rows =
    (session.prepare << "select coalesce((select max(version) from events where stream = u.id), 0), "
                        "coalesce((select version from entities where id = u.id), -1) "
                        "from unnest(cast(:ids as text[])) with ordinality as u(id, place) order by place",
     soci::use(ids, "ids"), soci::into(version), soci::into(entity_version));
  rows.execute();
  while (rows.fetch())
    result.push_back(to_facts(version, entity_version));
  return result;
}

stream_facts batch_writer::look_up_one(std::string_view stream) {
  auto& values = look_up_values_;
  values.id = stream;
  if (!look_up_statement_)
    look_up_statement_ =
      std::make_unique<soci::statement>((database_.session().prepare << look_up_sql, soci::use(values.id, "id"),
                                         soci::into(values.version), soci::into(values.entity_version)));
  look_up_statement_->execute(true);
  // To the end: a statement in the middle of its rows would keep SQLite's connection, and its log, in the past.
  look_up_statement_->fetch();
  return to_facts(values.version, values.entity_version);
}

bool batch_writer::is_written(const append& what) {
  if (what.events.empty())
    return false;
  const auto first = signed_number(what.expected_version) + 1;
  const auto last = signed_number(what.expected_version + what.events.size());
  std::string event_type;
  std::string data;
  std::string meta;
  long long at = 0;
  soci::statement rows = (database_.session().prepare
                            << "select type, data, meta, at from events where stream = :stream and version >= :first "
                               "and version <= :last order by version",
                          soci::use(what.stream, "stream"), soci::use(first, "first"), soci::use(last, "last"),
                          soci::into(event_type), soci::into(data), soci::into(meta), soci::into(at));
  rows.execute();
  std::size_t found = 0;
  for (; rows.fetch(); ++found) {
    const auto& expected = what.events[found];
    if (event_type != expected.type || data != expected.data || at != to_number(what.at)
        || parse_event_meta(meta).node != node_)
      return false;
  }
  return found == what.events.size();
}

std::optional<std::string> batch_writer::holder_of(const std::string& sku) {
  return find_id("select id from products where sku = :value", sku);
}

std::optional<std::string> batch_writer::user_of(const std::string& email) {
  return find_id("select id from users where email = :value", email);
}

std::optional<std::string> batch_writer::find_id(const char* sql, const std::string& value) {
  std::string id;
  auto& session = database_.session();
  session << sql, soci::use(value, "value"), soci::into(id);
  return session.got_data() ? std::optional{id} : std::nullopt;
}

// -- writing ----------------------------------------------------------------------------------------------------------

bool batch_writer::write(const batch_plan& plan, bool begin) {
  clear();
  begin = begin && begin_if_needed();
  add_events(plan);
  add_entities(plan);
  add_lists(plan);
  add_reservations(plan);
  add_notifications(plan);
  add_accounts(plan);
  add_couriers(plan);
  webhooks_.add(plan);
  bulk_->write(begin);
  return changed_entities_.written() == changed_entities_.rows() && version_proofs_.written() == version_proofs_.rows();
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
  std::string meta;
  for (const auto& one : plan.events) {
    if (std::exchange(previous, one.of) != one.of)
      meta = to_json(one.of->origin, node_);
    events_.text(one.of->stream)
      .number(signed_number(one.version))
      .text(one.event->type)
      .number(one.event->schema)
      .number(to_number(one.of->at))
      .text(one.of->order)
      .text(one.of->customer)
      .text(meta)
      .text(one.event->data);
  }
}

void batch_writer::add_entities(const batch_plan& plan) {
  for (const auto& one : plan.streams) {
    if (one.snapshot == nullptr) {
      if (one.version > one.base)
        version_proofs_.text(one.id).number(signed_number(one.base));
      continue;
    }
    auto& target = one.replaces ? changed_entities_ : new_entities_;
    target.text(one.id);
    if (!one.replaces)
      target.number(static_cast<int>(one.kind)).number(shard_of(one.id));
    target.number(signed_number(one.snapshot_version))
      .number(one.snapshot->schema)
      .text(one.snapshot->state)
      .number(one.snapshot->unfinished ? 1 : 0)
      .number(to_number(one.snapshot->due));
    if (one.replaces)
      target.number(one.may_be_older ? 0 : signed_number(*one.replaces)).number(signed_number(*one.replaces));
  }
}

void batch_writer::add_lists(const batch_plan& plan) {
  for (const auto& [id, one] : plan.orders) {
    if (one.is_new)
      new_orders_.text(id).text(one.row->customer).text(one.row->status).number(to_number(one.row->created_at));
    else
      changed_orders_.text(id).text(one.row->status);
  }
  for (const auto& [id, row] : plan.products)
    products_.text(id).text(row->sku).text(row->name).number(row->withdrawn ? 1 : 0);
}

void batch_writer::add_reservations(const batch_plan& plan) {
  for (const auto& [key, reservation] : plan.reservations) {
    if (reservation == nullptr) {
      forgotten_reservations_.text(key.first).text(key.second);
      continue;
    }
    reservations_.text(key.first)
      .text(key.second)
      .number(static_cast<int>(reservation->status))
      .number(reservation->quantity)
      .number(reservation->available)
      .number(to_number(reservation->expires_at))
      .number(to_number(reservation->reserve_by));
  }
}

void batch_writer::add_accounts(const batch_plan& plan) {
  for (const auto& [id, row] : plan.users)
    users_.text(id)
      .text(row->email)
      .text(row->name)
      .text(row->password_hash)
      .text(row->roles)
      .number(row->disabled ? 1 : 0)
      .number(to_number(row->created_at));
  for (const auto& [id, row] : plan.service_keys)
    service_keys_.text(id)
      .text(row->name)
      .text(row->token_hash)
      .text(row->roles)
      .text(row->created_by)
      .number(to_number(row->created_at))
      .number(to_number(row->expires_at))
      .number(to_number(row->revoked_at));
}

void batch_writer::add_couriers(const batch_plan& plan) {
  for (const auto& [id, row] : plan.couriers)
    couriers_.text(id)
      .number(row->online ? 1 : 0)
      .number(row->removed ? 1 : 0)
      .number(row->capacity)
      .number(row->active)
      .number(to_number(row->changed_at));
  for (const auto& [id, row] : plan.deliveries)
    deliveries_.text(id).text(row->courier).text(row->status).number(to_number(row->created_at));
}

void batch_writer::add_notifications(const batch_plan& plan) {
  for (const auto* mark : plan.notifications_read)
    read_notifications_.text(mark->customer).text(mark->id).number(to_number(mark->read_at));
  for (const auto& [key, one] : plan.notifications)
    notifications_.text(key.first)
      .text(key.second)
      .text(one.row->order)
      .text(one.row->kind)
      .text(one.row->text)
      .number(to_number(one.row->created_at))
      .number(to_number(one.read_at));
}

} // namespace waybill
