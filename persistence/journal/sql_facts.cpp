#include "persistence/journal/sql_facts.hpp"

#include "persistence/journal/event_meta.hpp"
#include "persistence/search/product_search.hpp"

#include <algorithm>

namespace waybill {

namespace {

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

struct sql_facts::prepared {
  std::string id;
  long long version = 0;
  long long entity_version = 0;
  soci::statement statement;

  explicit prepared(soci::session& session)
    : statement{
      (session.prepare << look_up_sql, soci::use(id, "id"), soci::into(version), soci::into(entity_version))} {}
};

sql_facts::sql_facts(connection& database, std::string node) : database_{database}, node_{std::move(node)} {}

sql_facts::~sql_facts() = default;

void sql_facts::reset() {
  prepared_.reset();
}

std::vector<stream_facts> sql_facts::look_up(const std::vector<std::string_view>& streams) {
  return database_.kind() == dialect::sqlite ? look_up_each(streams) : lock_and_look_up(streams);
}

std::vector<stream_facts> sql_facts::look_up_each(const std::vector<std::string_view>& streams) {
  if (!prepared_)
    prepared_ = std::make_unique<prepared>(database_.session());
  auto& row = *prepared_;
  std::vector<stream_facts> facts;
  for (const auto stream : streams) {
    row.id = stream;
    row.statement.execute(true);
    // To the end: a statement in the middle of its rows would keep SQLite's connection, and its log, in the past.
    row.statement.fetch();
    facts.push_back(to_facts(row.version, row.entity_version));
  }
  return facts;
}

/// Locks the streams, so that the facts stay true until the end of the transaction; in the order of keys, so that two
/// writers do not deadlock.
std::vector<stream_facts> sql_facts::lock_and_look_up(const std::vector<std::string_view>& streams) {
  const auto ids = array_literal(streams);
  auto& session = database_.session();
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
  std::vector<stream_facts> facts;
  while (rows.fetch())
    facts.push_back(to_facts(version, entity_version));
  return facts;
}

bool sql_facts::is_written(const append& request) {
  if (request.events.empty())
    return false;
  const auto first = signed_number(request.expected_version) + 1;
  const auto last = signed_number(request.expected_version + request.events.size());
  std::string event_type;
  std::string data;
  std::string meta;
  long long at = 0;
  soci::statement rows = (database_.session().prepare
                            << "select type, data, meta, at from events where stream = :stream and version >= :first "
                               "and version <= :last order by version",
                          soci::use(request.stream, "stream"), soci::use(first, "first"), soci::use(last, "last"),
                          soci::into(event_type), soci::into(data), soci::into(meta), soci::into(at));
  rows.execute();
  std::size_t count = 0;
  for (; rows.fetch(); ++count) {
    const auto& expected = request.events[count];
    if (event_type != expected.type || data != expected.data || at != to_number(request.at)
        || parse_event_meta(meta).node != node_)
      return false;
  }
  return count == request.events.size();
}

std::optional<std::string> sql_facts::holder_of(const std::string& sku) {
  // Old rows may have SKUs that are the same but for their case; each is its own holder.
  if (auto same = find_id("select id from products where sku = :value", sku))
    return same;
  return find_id("select id from products where unique_sku = :value", unique_sku(sku));
}

std::optional<std::string> sql_facts::user_of(const std::string& email) {
  return find_id("select id from users where email = :value", email);
}

std::optional<std::string> sql_facts::find_id(const char* sql, const std::string& value) {
  std::string id;
  auto& session = database_.session();
  session << sql, soci::use(value, "value"), soci::into(id);
  return session.got_data() ? std::optional{id} : std::nullopt;
}

} // namespace waybill
