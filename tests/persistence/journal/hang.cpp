#include "domain/base/errors.hpp"
#include "persistence/readers/reader_actor.hpp"
#include "tests/persistence/backends.hpp"
#include "tests/support/eventually.hpp"

#include <caf/scoped_actor.hpp>

#define CAF_SUITE persistence.hang
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::test;

namespace {

store_config hasty() {
  store_config config{test_postgres::shared().create_database()};
  config.read_timeout = config.write_timeout = std::chrono::seconds{1};
  REQUIRE(migrate(config).has_value());
  return config;
}

/// Thaws the server whatever happens.
struct frozen {
  frozen() { test_postgres::shared().freeze(); }
  ~frozen() { test_postgres::shared().thaw(); }
};

} // namespace

SCENARIO("queries and commits give up a server that hangs, and use it again when it recovers") {
  const auto config = hasty();
  auto query = open_query_store(config);
  auto journal = open_journal_store(config, "here");
  write(*journal, make_append("ord_a", 0));
  CHECK(query->run(load_entity{entity_kind::order, "ord_a"}).has_value());
  const std::vector batch{make_append("ord_b", 0)};
  {
    const frozen standstill;
    // The second time there is not even a connection.
    for (int i = 0; i < 2; ++i) {
      const auto read = query->run(load_entity{entity_kind::order, "ord_a"});
      REQUIRE(read.has_error());
      CHECK_EQ(read.error().code, ec::unavailable);
      const auto written = journal->commit(batch);
      REQUIRE(written.has_error());
      CHECK_EQ(written.error().code, ec::unavailable);
    }
  }
  CHECK(eventually([&] { return query->run(check_store{}).has_value(); }));
  // Whether or not an attempt was carried out: the event exists once.
  result<std::vector<result<appended>>> outcomes = failure{ec::unavailable, {}};
  CHECK(eventually([&] { return (outcomes = journal->commit(batch)).has_value(); }));
  CHECK_EQ(outcomes->at(0).value().version, 1u);
  CHECK_EQ(read_all(*query).size(), 2u);
}

SCENARIO("stores whose server hangs can be closed") {
  const auto config = hasty();
  auto query = open_query_store(config);
  auto journal = open_journal_store(config, "here");
  write(*journal, make_append("ord_a", 0));
  CHECK(query->run(load_entity{entity_kind::order, "ord_a"}).has_value());
  const frozen standstill;
  query.reset();
  journal.reset();
}

SCENARIO("queries that wait behind one that found the database unavailable fail with it, not one by one") {
  const auto config = hasty();
  caf::actor_system_config settings;
  caf::actor_system sys{settings};
  auto reader = spawn_reader(sys, [&] { return open_query_store(config); },
                             {.connections = 1, .max_waiting = 150, .pause = milliseconds{60'000}});
  caf::scoped_actor self{sys};
  int refused = 0;
  int overloaded = 0;
  {
    const frozen standstill;
    std::vector<decltype(self->request(reader, caf::infinite, check_store{}))> requests;
    for (int i = 0; i < 200; ++i)
      requests.push_back(self->request(reader, caf::infinite, check_store{}));
    for (auto& request : requests)
      request.receive([] { CAF_ERROR("answered by a server that stands still"); },
                      [&](const caf::error& reason) {
                        refused += reason == ec::unavailable;
                        overloaded += reason == ec::overloaded;
                      });
  }
  CHECK_EQ(refused, 150);
  CHECK_EQ(overloaded, 50);
  caf::anon_send_exit(reader, caf::exit_reason::user_shutdown);
}

SCENARIO("a query is repeated over a new connection, a commit fails and may be sent again") {
  const store_config config{test_postgres::shared().create_database()};
  REQUIRE(migrate(config).has_value());
  auto query = open_query_store(config);
  auto journal = open_journal_store(config, "here");
  write(*journal, make_append("ord_a", 0));
  for (int i = 0; i < 3; ++i) {
    CHECK(query->run(load_entity{entity_kind::order, "ord_a"}).has_value());
    const std::vector batch{make_append("ord_b", static_cast<std::uint64_t>(i))};
    CHECK(test_postgres::shared().terminate_sessions(config.url) > 0);
    CHECK(query->run(load_entity{entity_kind::order, "ord_a"}).has_value());
    const auto first = journal->commit(batch);
    CHECK(first.has_value() || first.error().code == ec::unavailable);
    CHECK_EQ(journal->commit(batch).value().at(0).value().version, static_cast<std::uint64_t>(i) + 1);
  }
  CHECK_EQ(read_all(*query).size(), 4u);
}
