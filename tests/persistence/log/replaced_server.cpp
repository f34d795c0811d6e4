// PostgreSQL returns without the last commits: a base backup is started in its place, while connections are open.

#include "domain/base/errors.hpp"
#include "persistence/database/connection.hpp"
#include "persistence/log/log_watch.hpp"
#include "tests/persistence/backends.hpp"
#include "tests/support/eventually.hpp"

#include <thread>

#define CAF_SUITE persistence.replaced_server
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::test;

namespace {

/// The connections of one process, and the reports that it got.
struct process {
  explicit process(const std::string& url) : config{url} {
    config.watch = std::make_shared<log_watch>();
    config.watch->subscribe([this](std::uint64_t generation, const std::string&) { told.push_back(generation); });
    journal = open_journal_store(config, "here");
    query = open_query_store(config);
  }
  ~process() { config.watch->unsubscribe(); }

  ec write_next(const std::string& stream, std::uint64_t expected) {
    auto request = make_append(stream, expected);
    request.version_was_seen = true;
    request.snapshot.reset();
    result<std::vector<result<appended>>> outcome = failure{ec::unavailable, {}};
    eventually([&] {
      outcome = journal->commit({&request, 1});
      return outcome || outcome.error().code != ec::unavailable;
    });
    return !outcome ? outcome.error().code : outcome->at(0) ? ec::none : outcome->at(0).error().code;
  }

  ec read(log_position after) {
    ec code = ec::none;
    eventually([&] {
      const auto page = query->run(read_log{after, {}, 10});
      code = page ? ec::none : page.error().code;
      return code != ec::unavailable;
    });
    return code;
  }

  log_position end() const { return query->run(get_log_end{}).value(); }

  store_config config;
  std::vector<std::uint64_t> told;
  std::unique_ptr<journal_store> journal;
  std::unique_ptr<query_store> query;
};

struct replaced : test_postgres {
  std::string url = create_database();

  replaced() { REQUIRE(migrate({url}).has_value()); }

  void lose_the_tail() {
    restore_backup();
    start();
  }
};

} // namespace

SCENARIO("G11: the first connection detects a server without the last commits, and nothing is written to it") {
  replaced server;
  process node{server.url};
  process other{server.url};
  for (std::uint64_t version = 0; version < 3; ++version)
    REQUIRE_EQ(node.write_next("ord_a", version), ec::none);
  const auto common = other.end();
  server.save_backup();
  for (std::uint64_t version = 3; version < 6; ++version)
    REQUIRE_EQ(node.write_next("ord_a", version), ec::none);
  const auto lost = node.end();
  server.lose_the_tail();

  // Version 6 is not there: version 7 would be a hole in the stream.
  CHECK_EQ(node.write_next("ord_a", 6), ec::conflict);
  CHECK_EQ(node.told.size(), 1u);
  CHECK_EQ(node.write_next("ord_a", 6), ec::conflict);
  CHECK_EQ(node.read(lost), ec::cursor_expired);
  CHECK_EQ(node.read(common), ec::cursor_expired);
  CHECK_EQ(node.write_next("ord_a", 3), ec::none);
  CHECK_EQ(node.told.size(), 1u);
  CHECK_GT(node.end().generation, common.generation);

  MESSAGE("the other process finds the generation that the first one began");
  CHECK_EQ(other.read(lost), ec::cursor_expired);
  CHECK_EQ(other.told, node.told);
  CHECK_EQ(other.end(), node.end());

  MESSAGE("a new process takes it as it is, and all events of the new history can be read");
  process later{server.url};
  CHECK_EQ(later.read({}), ec::none);
  CHECK(later.told.empty());
  CHECK_EQ(read_all(*later.query).size(), 4u);
}

SCENARIO("G11: a server without the last commits is detected even when its new log is longer than the old one") {
  replaced server;
  process node{server.url};
  REQUIRE_EQ(node.write_next("ord_a", 0), ec::none);
  server.save_backup();
  REQUIRE_EQ(node.write_next("ord_a", 1), ec::none);
  const auto lost = node.end();
  server.lose_the_tail();
  {
    // Knows nothing of the lost commits.
    process stranger{server.url};
    for (std::uint64_t version = 0; version < 50; ++version)
      REQUIRE_EQ(stranger.write_next("ord_b", version), ec::none);
    CHECK(stranger.told.empty());
    CHECK_EQ(stranger.read(lost), ec::cursor_expired);
  }
  CHECK_EQ(node.write_next("ord_a", 2), ec::conflict);
  CHECK_EQ(node.told.size(), 1u);
}

SCENARIO("G11: a server that was only stopped, or that crashed, has the same log") {
  replaced server;
  process node{server.url};
  for (std::uint64_t version = 0; version < 4; ++version) {
    REQUIRE_EQ(node.write_next("ord_a", version), ec::none);
    const auto end = node.end();
    version % 2 == 0 ? server.stop() : server.kill();
    server.start();
    CHECK_EQ(node.read(end), ec::none);
  }
  CHECK_EQ(node.write_next("ord_a", 4), ec::none);
  CHECK(node.told.empty());
  CHECK_EQ(node.end().generation, 0u);
}

SCENARIO("G11: a database moved to another server is another log from the first start on") {
  replaced server;
  process node{server.url};
  REQUIRE_EQ(node.write_next("ord_a", 0), ec::none);
  const auto position = node.end();
  {
    connection database{node.config, access::migrate};
    database.session() << "update event_horizon set server = '4711/00000001'";
  }
  store_config config{server.url};
  config.watch = std::make_shared<log_watch>();
  REQUIRE(migrate(config).has_value());
  CHECK_GT(config.watch->generation(), 0u);
  process later{server.url};
  CHECK_EQ(later.read(position), ec::cursor_expired);
  CHECK_EQ(node.read(position), ec::cursor_expired);
  CHECK_EQ(node.told.size(), 1u);
}

SCENARIO("G11: a comparison is not disturbed by what another connection records meanwhile") {
  replaced server;
  process node{server.url};
  REQUIRE_EQ(node.write_next("ord_a", 0), ec::none);
  // Connections of another process: they must not share the watched one's knowledge.
  connection holds{{server.url}, access::migrate};
  holds.begin();
  holds.session() << "lock table event_horizon in access exclusive mode";
  std::thread compares{[&] {
    connection another{node.config, access::read};
    another.session();
  }};
  const bool waits = eventually([&] {
    int waiting = 0;
    holds.session() << "select count(*)::int from pg_locks where not granted and relation = 'event_horizon'::regclass",
      soci::into(waiting);
    return waiting == 1;
  });
  // The others go on writing, and one of them has looked at the end of the log since.
  node.config.watch->note(node.config.watch->generation(), std::uint64_t{1} << 60U);
  holds.rollback();
  compares.join();
  CHECK(waits);
  CHECK(node.told.empty());
  CHECK_EQ(node.config.watch->generation(), 0u);
}
