#include "persistence/presence/presence_table.hpp"

#include "domain/base/errors.hpp"
#include "persistence/database/connection.hpp"

#include <boost/describe/enum_from_string.hpp>

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <utility>

namespace waybill {

namespace {

/// None for a role of a newer program.
std::optional<role> find_role(const std::string& word) {
  role named{};
  return boost::describe::enum_from_string(word.c_str(), named) ? std::optional{named} : std::nullopt;
}

class sql_presence_table final : public presence_table {
public:
  sql_presence_table(const store_config& config, const presence_settings& settings)
    : database_{config, access::write}, settings_{settings} {}

  result<presence> look(const std::vector<role>& serving, timestamp local) override {
    const connection::time_limit limit{database_};
    try {
      connection::require_reachable();
      database_.begin();
      auto seen = look_in_transaction(serving, local);
      database_.commit();
      return seen;
    } catch (const std::exception&) {
      auto reason = database_.explain(std::current_exception());
      // Rolls back the transaction under way.
      database_.disconnect();
      return reason;
    }
  }

private:
  presence look_in_transaction(const std::vector<role>& serving, timestamp local) {
    presence seen{local, std::chrono::steady_clock::now(), {}, {}};
    if (database_.kind() == dialect::postgresql)
      read_clock(seen);
    // Sorted by role, so that two nodes lock the rows in the same order.
    for (const auto& [word, seen_at] : read_seen()) {
      const auto role = find_role(word);
      if (!role)
        continue;
      const bool away = seen.time - seen_at > settings_.away_after;
      if (std::ranges::find(serving, *role) == serving.end()) {
        seen.last_seen.emplace(*role, seen_at);
        if (away)
          seen.absences.push_back({*role, seen_at, std::nullopt});
        continue;
      }
      if (away)
        record_absence(word, seen_at, seen.time);
      touch(word, seen.time);
    }
    read_absences(seen);
    return seen;
  }

  /// What counts from a moment after the answer never runs ahead.
  void read_clock(presence& seen) {
    long long theirs = 0;
    database_.session() << "select (extract(epoch from clock_timestamp()) * 1000000)::bigint", soci::into(theirs);
    seen.time = to_time(theirs);
    seen.taken = std::chrono::steady_clock::now();
  }

  std::map<std::string, timestamp> read_seen() {
    std::map<std::string, timestamp> seen;
    std::string word;
    long long at = 0;
    soci::statement rows = (database_.session().prepare << "select role, seen_at from role_presence order by role",
                            soci::into(word), soci::into(at));
    for (rows.execute(); rows.fetch();)
      seen.emplace(word, to_time(at));
    return seen;
  }

  void record_absence(const std::string& word, timestamp since, timestamp until) {
    const auto from = to_number(since);
    const auto to = to_number(until);
    const auto forgotten = to_number(until - settings_.keep);
    auto& sql = database_.session();
    sql << "insert into role_absences (role, since, until) values (:role, :since, :until) "
           "on conflict (role, since) do nothing",
      soci::use(word, "role"), soci::use(from, "since"), soci::use(to, "until");
    sql << "delete from role_absences where until < :forgotten", soci::use(forgotten, "forgotten");
  }

  void touch(const std::string& word, timestamp at) {
    const auto now = to_number(at);
    database_.session() << "update role_presence set seen_at = :now where role = :role", soci::use(now, "now"),
      soci::use(word, "role");
  }

  /// The newest; more than these nobody waits for.
  void read_absences(presence& seen) {
    std::string word;
    long long since = 0;
    long long until = 0;
    soci::statement rows =
      (database_.session().prepare << "select role, since, until from role_absences order by until desc limit 10000",
       soci::into(word), soci::into(since), soci::into(until));
    for (rows.execute(); rows.fetch();)
      if (const auto role = find_role(word))
        seen.absences.push_back({*role, to_time(since), to_time(until)});
  }

  connection database_;
  presence_settings settings_;
};

} // namespace

std::unique_ptr<presence_table> open_presence_table(const store_config& config, const presence_settings& settings) {
  return std::make_unique<sql_presence_table>(config, settings);
}

} // namespace waybill
