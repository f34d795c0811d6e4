#include "domain/base/errors.hpp"
#include "persistence/database/connection.hpp"
#include "tests/persistence/backends.hpp"

#include <atomic>
#include <latch>
#include <thread>

#define CAF_SUITE persistence.sessions
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::test;

SCENARIO("G2: a writer that hangs in the middle of a commit does not delay the next owner of its entities") {
  postgresql_backend database;
  auto journal = database.journal("second");
  write(*journal, make_append("ord_a", 0));
  connection stopped{database.config, access::write};
  stopped.begin();
  stopped.session() << "insert into appends (stream, version, type, schema, at, order_id, customer_id, meta, data) "
                       "values ('ord_a', 2, 'order.placed', 1, 0, '', '', '{}', '{}')";
  // Waits for the row of the hanging writer, which must lose it.
  CHECK_EQ(write(*journal, make_append("ord_a", 1)), 2u);
  auto query = database.query();
  CHECK_EQ(read_all(*query).size(), 2u);
  try {
    stopped.commit();
    CHECK(false);
  } catch (const std::exception& problem) {
    CHECK_EQ(stopped.explain(std::make_exception_ptr(problem)).code, ec::unavailable);
  }
  CHECK_EQ(query->run(load_entity{entity_kind::order, "ord_a"}).value().version, 2u);
}

SCENARIO("nodes that start at once on a new database all make the same schemas") {
  constexpr int nodes = 8;
  for (int round = 0; round < 5; ++round) {
    store_config config;
    config.url = test_postgres::shared().create_database();
    config.schema = "apart";
    std::atomic<int> failed = 0;
    std::latch together{nodes};
    std::vector<std::jthread> threads;
    for (int node = 0; node < nodes; ++node)
      threads.emplace_back([&] {
        together.arrive_and_wait();
        if (!migrate(config))
          ++failed;
      });
    threads.clear();
    CHECK_EQ(failed.load(), 0);
    auto journal = open_journal_store(config, "here");
    CHECK_EQ(write(*journal, make_append("ord_a", 0)), 1u);
  }
}
