#include "persistence/journal/batch/sql_facts.hpp"

#include "persistence/rows/append_row.hpp"
#include "persistence/search/product_search.hpp"

#include <algorithm>

namespace waybill {

namespace {

std::string look_up_sql() {
  return "select " + newest_version_sql(":id") + ", coalesce((select version from entities where id = :id), -1)";
}

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
      (session.prepare << look_up_sql(), soci::use(id, "id"), soci::into(version), soci::into(entity_version))} {}
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
    (session.prepare << "select " + newest_version_sql("u.id")
                          + ", coalesce((select version from entities where id = u.id), -1) "
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
  const auto stored =
    read_stream(database_, request.stream, request.expected_version, static_cast<std::uint32_t>(request.events.size()));
  return std::ranges::equal(stored, request.events, [&](const stored_event& event, const new_event& expected) {
    return event.type == expected.type && event.data == expected.data && event.at == request.at && event.node == node_;
  });
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
