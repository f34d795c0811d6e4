#pragma once

#include "domain/base/errors.hpp"
#include "persistence/retention/log_trimmer.hpp"
#include "tests/persistence/backends.hpp"

/// Shared parts of the retention tests.
namespace waybill::test {

inline constexpr log_position everywhere{~0ULL, ~0ULL};

inline trim_bounds everything_old() {
  return {now() + std::chrono::hours{1}, everywhere};
}

inline void on_every_database(const std::function<void(sql_backend&, const std::string& name)>& claim) {
  sqlite_backend sqlite;
  claim(sqlite, "sqlite");
  postgresql_backend postgresql;
  claim(postgresql, "postgresql");
}

/// `count` events of as many appends to one stream, each with its state.
inline void write_stream(journal_store& journal, const std::string& stream, std::uint64_t count,
                         std::uint64_t from = 0) {
  for (auto version = from; version < from + count; ++version)
    write(journal, make_append(stream, version));
}

/// Removes what can be removed; how many events that were.
inline std::uint64_t trim(log_trimmer& trimmer, const trim_bounds& bounds) {
  std::uint64_t removed = 0;
  for (;;) {
    const auto plan = trimmer.plan(bounds).value();
    if (!plan.horizon.range)
      return removed;
    for (auto range = plan.horizon.range; range;) {
      const auto done = trimmer.remove(*range).value();
      removed += done.events;
      range = done.horizon.range;
    }
  }
}

inline std::vector<std::string> ids_of(const std::vector<stored_event>& events) {
  std::vector<std::string> ids;
  for (const auto& event : events)
    ids.push_back(event_id(event));
  return ids;
}

inline std::vector<std::string> kept(sql_backend& database) {
  auto query = database.query();
  read_log next{{}, {}, 100, true};
  std::vector<std::string> ids;
  for (;;) {
    const auto page = query->run(next).value();
    if (page.events.empty())
      return ids;
    for (const auto& id : ids_of(page.events))
      ids.push_back(id);
    next.after = page.next;
  }
}

inline ec read_from(sql_backend& database, log_position after, const event_filter& filter = {}) {
  const auto page = database.query()->run(read_log{after, filter, 100});
  return page ? ec::none : page.error().code;
}

} // namespace waybill::test
