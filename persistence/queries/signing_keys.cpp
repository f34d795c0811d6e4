#include "persistence/queries/signing_keys.hpp"

#include "persistence/database/connection.hpp"
#include "persistence/database/query_builder.hpp"

#include <algorithm>

namespace waybill {

namespace {

// Any number will do, as long as it stays the same and is not that of the migrations.
constexpr auto lock_signing_keys = "select pg_advisory_xact_lock(7211640194)";

std::vector<stored_signing_key> read_keys(connection& database) {
  stored_signing_key key;
  long long created_at = 0;
  long long signs_from = 0;
  query_builder builder{database};
  builder.into(key.kid);
  builder.into(key.algorithm);
  builder.into(key.secret);
  builder.into(created_at);
  builder.into(signs_from);
  builder.execute("select kid, algorithm, secret, created_at, signs_from from signing_keys order by signs_from, kid");
  std::vector<stored_signing_key> keys;
  while (builder.fetch()) {
    key.created_at = to_time(created_at);
    key.signs_from = to_time(signs_from);
    keys.push_back(key);
  }
  return keys;
}

void add(connection& database, const stored_signing_key& key) {
  const auto created_at = to_number(key.created_at);
  const auto signs_from = to_number(key.signs_from);
  database.session() << "insert into signing_keys (kid, algorithm, secret, created_at, signs_from) "
                        "values (:kid, :algorithm, :secret, :created_at, :signs_from)",
    soci::use(key.kid, "kid"), soci::use(key.algorithm, "algorithm"), soci::use(key.secret, "secret"),
    soci::use(created_at, "created_at"), soci::use(signs_from, "signs_from");
}

} // namespace

result<std::vector<stored_signing_key>> keep_signing_keys(const store_config& config,
                                                          const signing_key_policy& policy) {
  connection database{config, access::write};
  const connection::time_limit limit{database};
  try {
    auto keys = read_keys(database);
    if (const auto change = policy(keys); change.added.empty() && change.removed.empty())
      return keys;
    database.begin();
    if (database.kind() == dialect::postgresql)
      database.session() << lock_signing_keys;
    // Another process may have done it meanwhile.
    const auto change = policy(read_keys(database));
    for (const auto& key : change.added)
      add(database, key);
    for (const auto& kid : change.removed)
      database.session() << "delete from signing_keys where kid = :kid", soci::use(kid, "kid");
    keys = read_keys(database);
    database.commit();
    return keys;
  } catch (const std::exception&) {
    return database.explain(std::current_exception());
  }
}

} // namespace waybill
