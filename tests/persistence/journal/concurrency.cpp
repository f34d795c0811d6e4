#include "domain/base/errors.hpp"
#include "domain/base/log.hpp"
#include "persistence/database/connection.hpp"
#include "persistence/journal/journal_actor.hpp"
#include "tests/persistence/backends.hpp"

#include <caf/scoped_actor.hpp>

#include <atomic>
#include <map>
#include <set>
#include <thread>

#define CAF_SUITE persistence.concurrency
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::test;

namespace {

constexpr int writers = 8;

append by_writer(int writer, const std::string& stream, std::uint64_t expected) {
  auto entry = make_append(stream, expected, 1 + expected % 2);
  for (auto& event : entry.events)
    event.data = R"({"writer":)" + std::to_string(writer) + "}";
  return entry;
}

/// Repeats what could not be done, as the contract allows: SQLite makes eight writers wait long for each other.
result<std::vector<result<appended>>> commit(journal_store& journal, const std::vector<append>& batch) {
  for (int attempt = 0;; ++attempt)
    if (auto outcomes = journal.commit(batch); outcomes || outcomes.error().code != ec::unavailable || attempt == 20)
      return outcomes;
}

struct follower {
  event_filter filter;
  log_position after;
  std::vector<stored_event> seen;

  /// Reads one page on.
  void read_on(query_store& query) {
    const auto page = query.run(read_log{after, filter, 50}).value();
    seen.insert(seen.end(), page.events.begin(), page.events.end());
    after = page.next;
  }

  void read_to_end(query_store& query) {
    for (auto before = seen.size() + 1; before != seen.size();) {
      before = seen.size();
      read_on(query);
    }
  }

  /// How often an event was not the next of its stream, or not after its predecessor in the log.
  [[nodiscard]] int disorder() const {
    std::map<std::string, std::uint64_t> versions;
    log_position last;
    int misplaced = 0;
    for (const auto& event : seen) {
      misplaced += event.version == ++versions[event.stream] ? 0 : 1;
      misplaced += last < event.position ? 0 : 1;
      last = event.position;
    }
    return misplaced;
  }
};

} // namespace

SCENARIO("G2: of eight writers of one stream exactly one wins each version") {
  on_every_backend([](backend& database, const std::string& name) {
    MESSAGE(name);
    constexpr std::uint64_t versions = 40;
    const std::vector<std::string> streams{"ord_a", "ord_b", "ord_c"};
    std::atomic<int> wins = 0;
    std::atomic<int> surprises = 0;
    std::vector<std::thread> threads;
    for (int writer = 0; writer < writers; ++writer)
      threads.emplace_back([&, writer] {
        auto journal = database.journal("node " + std::to_string(writer));
        for (std::uint64_t version = 0; version < versions; ++version) {
          std::vector<append> batch;
          for (const auto& stream : streams) {
            batch.push_back(make_append(stream, version));
            batch.back().events[0].data = R"({"writer":)" + std::to_string(writer) + "}";
          }
          const auto outcomes = commit(*journal, batch);
          if (!outcomes) {
            ++surprises;
            return;
          }
          for (const auto& outcome : *outcomes)
            if (outcome)
              ++wins;
            else if (outcome.error().code != ec::conflict)
              ++surprises;
        }
      });
    for (auto& thread : threads)
      thread.join();
    CHECK_EQ(surprises.load(), 0);
    CHECK_EQ(wins.load(), static_cast<int>(versions * streams.size()));
    auto query = database.query();
    for (const auto& stream : streams) {
      CHECK_EQ(query->run(load_entity{entity_kind::order, stream}).value().version, versions);
      CHECK_EQ(read_all(*query, {{}, stream, {}, {}}).size(), versions);
    }
  });
}

SCENARIO(
  "G6: readers that follow the log, all or filtered, while eight writers append see every event once, in order") {
  on_every_backend([](backend& database, const std::string& name) {
    MESSAGE(name);
    constexpr int commits = 60;
    std::atomic<int> running = writers;
    std::atomic<std::size_t> written = 0;
    std::atomic<int> surprises = 0;
    std::vector<std::thread> threads;
    for (int writer = 0; writer < writers; ++writer)
      threads.emplace_back([&, writer] {
        auto journal = database.journal("node " + std::to_string(writer));
        std::vector<std::uint64_t> versions(5);
        for (int i = 0; i < commits; ++i) {
          std::vector<append> batch;
          for (std::size_t k = 0; k < versions.size(); ++k)
            batch.push_back(by_writer(writer, "ord_" + std::to_string(writer) + "_" + std::to_string(k), versions[k]));
          const auto outcomes = commit(*journal, batch);
          for (std::size_t k = 0; k < versions.size(); ++k)
            if (outcomes && (*outcomes)[k]) {
              versions[k] = (*outcomes)[k]->version;
              written += batch[k].events.size();
            } else {
              ++surprises;
            }
        }
        --running;
      });
    auto query = database.query();
    follower all;
    // Matches everything as well, but is read in another way: up to a position that was found before.
    follower filtered{{{"order.*"}, {}, {}, {}}, {}, {}};
    while (running > 0) {
      all.read_on(*query);
      filtered.read_on(*query);
    }
    for (auto& thread : threads)
      thread.join();
    CHECK_EQ(surprises.load(), 0);
    for (auto* reader : {&all, &filtered}) {
      reader->read_to_end(*query);
      CHECK_EQ(reader->seen.size(), written.load());
      CHECK_EQ(reader->disorder(), 0);
    }
  });
}

SCENARIO("SQLite's log stays short under permanent reads") {
  temp_folder folder;
  store_config config{"sqlite:" + folder / "a.db"};
  config.unsafe_no_sync = true;
  REQUIRE(migrate(config).has_value());
  const std::filesystem::path log{folder / "a.db-wal"};
  constexpr std::uintmax_t mebibyte = 1024 * 1024;
  constexpr std::uintmax_t written_in_all = 160 * mebibyte;
  constexpr std::uintmax_t longest = 96 * mebibyte;
  std::atomic<bool> done = false;
  std::vector<std::thread> readers;
  for (int i = 0; i < 4; ++i)
    readers.emplace_back([&] {
      auto query = open_query_store(config);
      while (!done)
        (void)query->run(read_log{{}, {}, 200});
    });
  auto journal = open_journal_store(config, "here");
  // Makes the writer look, which must not tie its connection to the past either.
  write(*journal, make_append("ord_a", 0));
  CHECK_EQ(outcome_of(*journal, make_append("ord_a", 0)), ec::conflict);
  const std::string text(16 * 1024, 'x');
  for (std::uintmax_t written = 0, i = 0; written < written_in_all; ++i) {
    std::vector<append> batch;
    for (int k = 0; k < 16; ++k) {
      batch.push_back(make_append("ord_" + std::to_string(i) + "_" + std::to_string(k), 0));
      batch.back().events[0].data = "\"" + text + "\"";
      written += text.size();
    }
    REQUIRE(journal->commit(batch).has_value());
  }
  done = true;
  for (auto& reader : readers)
    reader.join();
  CHECK_LT(std::filesystem::file_size(log), longest);
}

SCENARIO("G1: appends sent while the database was down are written when it is back, and none is lost") {
  const store_config config{test_postgres::shared().create_database()};
  REQUIRE(migrate(config).has_value());
  caf::actor_system_config settings;
  caf::actor_system sys{settings};
  auto journal = spawn_journal(sys, open_journal_store(config, "here"), {}, {});
  auto query = open_query_store(config);
  caf::scoped_actor self{sys};
  std::vector<decltype(self->request(journal, caf::infinite, append{}))> requests;
  const auto send = [&](int from, int to) {
    for (int i = from; i < to; ++i)
      requests.push_back(self->request(journal, caf::infinite, make_append("ord_" + std::to_string(i), 0)));
  };
  const auto receive_all = [&] {
    int accepted = 0;
    for (auto& request : requests)
      request.receive([&](const appended&) { ++accepted; }, [](const caf::error& reason) { CAF_FAIL(reason); });
    requests.clear();
    return accepted;
  };
  send(0, 10);
  CHECK_EQ(receive_all(), 10);
  for (const bool crash : {false, true}) {
    const int from = crash ? 1000 : 100;
    send(from, from + 50);
    if (crash)
      test_postgres::shared().kill();
    else
      test_postgres::shared().stop();
    send(from + 50, from + 100);
    const auto away = query->run(check_store{});
    REQUIRE(!away.has_value());
    CHECK_EQ(away.error().code, ec::unavailable);
    test_postgres::shared().start();
    CHECK_EQ(receive_all(), 100);
    CHECK(query->run(check_store{}).has_value());
  }
  CHECK_EQ(read_all(*query).size(), 210u);
  caf::anon_send_exit(journal, caf::exit_reason::user_shutdown);
}
