#include "persistence/readers/reader_actor.hpp"

#include "domain/base/errors.hpp"
#include "tests/support/memory_store.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/scoped_actor.hpp>

#include <atomic>
#include <vector>

#define CAF_SUITE persistence.reader_actor
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;

SCENARIO("a reader answers over several connections behind one handle") {
  test::memory_database database;
  auto store = database.open_journal();
  append placed;
  placed.stream = "ord_a";
  placed.events.push_back({"order.placed", 1, "{}"});
  REQUIRE(store->commit(std::vector{placed}).has_value());
  caf::actor_system_config config;
  caf::actor_system sys{config};
  std::atomic<int> opened = 0;
  auto reader = spawn_reader(sys,
                             [&] {
                               ++opened;
                               return database.open_query();
                             },
                             {.connections = 3});
  CHECK_EQ(opened.load(), 3);
  caf::scoped_actor self{sys};
  for (int i = 0; i < 10; ++i)
    self->request(reader, caf::infinite, read_log{})
      .receive([](const log_page& page) { CHECK_EQ(page.events.size(), 1u); },
               [](const caf::error& reason) { CAF_FAIL("refused: " << reason); });
  database.set_available(false);
  self->request(reader, caf::infinite, check_store{})
    .receive([] { CAF_FAIL("answered while the database is away"); },
             [](const caf::error& reason) { CHECK_EQ(reason, caf::make_error(ec::unavailable)); });
  caf::anon_send_exit(reader, caf::exit_reason::user_shutdown);
}
