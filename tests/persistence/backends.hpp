#pragma once

#include "domain/base/errors.hpp"
#include "persistence/store.hpp"
#include "tests/support/memory_store.hpp"
#include "tests/support/postgres.hpp"
#include "tests/support/temp_folder.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace waybill::test {

/// An empty database of one kind.
class backend {
public:
  virtual ~backend() = default;
  virtual std::unique_ptr<journal_store> journal(const std::string& node = "here") = 0;
  virtual std::unique_ptr<query_store> query() = 0;
};

class memory_backend : public backend {
public:
  std::unique_ptr<journal_store> journal(const std::string& node) override { return database_.open_journal(node); }
  std::unique_ptr<query_store> query() override { return database_.open_query(); }

private:
  memory_database database_;
};

class sql_backend : public backend {
public:
  explicit sql_backend(store_config settings) : config{std::move(settings)} { migrate(config).value(); }
  std::unique_ptr<journal_store> journal(const std::string& node) override { return open_journal_store(config, node); }
  std::unique_ptr<query_store> query() override { return open_query_store(config); }

  store_config config;
};

class sqlite_backend : private temp_folder, public sql_backend {
public:
  sqlite_backend() : sql_backend{{"sqlite:" + *this / "made/waybill.db"}} {}
};

class postgresql_backend : public sql_backend {
public:
  postgresql_backend() : sql_backend{{test_postgres::shared().create_database()}} {}
};

/// Runs `claim` on an empty database of each kind; `name` is for messages.
inline void on_every_backend(const std::function<void(backend&, const std::string& name)>& claim) {
  memory_backend memory;
  claim(memory, "memory");
  sqlite_backend sqlite;
  claim(sqlite, "sqlite");
  postgresql_backend postgresql;
  claim(postgresql, "postgresql");
}

// -- writing and reading ----------------------------------------------------------------------------------------------

inline append make_append(const std::string& stream, std::uint64_t expected, std::size_t events = 1,
                          const std::string& state = R"({"state":1})") {
  append result;
  result.stream = stream;
  result.expected_version = expected;
  result.at = now();
  result.origin.correlation_id = "req_1";
  for (std::size_t i = 0; i < events; ++i)
    result.events.push_back({"order.placed", 1, R"({"number":)" + std::to_string(expected + i + 1) + "}"});
  if (!state.empty())
    result.snapshot = entity_snapshot{1, state, false, std::nullopt};
  return result;
}

/// Commits one append that must be accepted.
inline std::uint64_t write(journal_store& journal, const append& request) {
  return journal.commit({&request, 1}).value().at(0).value().version;
}

/// The outcome of one append: ec::none when it was accepted.
inline ec outcome_of(journal_store& journal, const append& request) {
  const auto outcome = journal.commit({&request, 1}).value().at(0);
  return outcome ? ec::none : outcome.error().code;
}

/// The whole log as it can be read now.
inline std::vector<stored_event> read_all(query_store& query, event_filter filter = {}, std::uint32_t limit = 100) {
  std::vector<stored_event> events;
  read_log next{{}, std::move(filter), limit};
  const auto end = query.run(get_log_end{}).value();
  while (next.after < end) {
    auto page = query.run(next).value();
    if (!(next.after < page.next))
      break;
    next.after = page.next;
    events.insert(events.end(), page.events.begin(), page.events.end());
  }
  return events;
}

} // namespace waybill::test
