#include "nodes/wiring/store_watch.hpp"

#include "tests/support/eventually.hpp"
#include "tests/support/memory_store.hpp"

#include "persistence/readers/reader_actor.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/send.hpp>

#define CAF_SUITE nodes.store_watch
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::test;

namespace {

/// Two readers and two journals.
struct four_connections {
  four_connections() {
    for (auto* list : {&parts.reader_health, &parts.journal_health})
      for (int i = 0; i < 2; ++i)
        list->push_back(std::make_shared<connection_health>());
  }

  std::string problem(milliseconds patience) const { return std::string{store_watch{parts, patience}.problem()}; }

  connection_health& reader(std::size_t i) { return *parts.reader_health.at(i); }
  connection_health& journal(std::size_t i) { return *parts.journal_health.at(i); }

  storage parts;
};

constexpr milliseconds none_left{-2};

} // namespace

SCENARIO("one failing or slow reader is no trouble, all of them are") {
  four_connections store;
  CHECK_EQ(store.problem(none_left), "");
  store.reader(0).end(false);
  CHECK_EQ(store.problem(none_left), "");
  store.reader(1).begin();
  CHECK_EQ(store.problem(none_left), "the database cannot be read now");
  store.reader(0).end(true);
  store.reader(0).begin();
  CHECK_EQ(store.problem(none_left), "the database does not answer reads in time");
  store.reader(1).end(true);
  CHECK_EQ(store.problem(none_left), "");
}

SCENARIO("every journal is needed, because each has streams of its own") {
  four_connections store;
  store.journal(1).begin();
  CHECK_EQ(store.problem(none_left), "the database does not answer writes in time");
  store.journal(1).end(false);
  CHECK_EQ(store.problem(none_left), "the database cannot be written now");
  store.journal(1).end(true);
  CHECK_EQ(store.problem(none_left), "");
}

SCENARIO("a connection's trouble is reported: read-only, a full disk, a damaged or missing file") {
  using enum store_trouble;
  four_connections store;
  const auto writes = [&](milliseconds patience) {
    return std::string{store_watch{store.parts, patience}.write_problem()};
  };
  store.journal(0).end(read_only);
  CHECK_EQ(store.problem(none_left), "the database is read-only");
  CHECK_EQ(store.problem(std::chrono::hours{1}), "");
  // The stored data can be read.
  store.journal(0).end(full);
  CHECK_EQ(store.problem(none_left), "");
  CHECK_EQ(writes(none_left), "the disk of the database is full");
  store.journal(0).end(none);
  CHECK_EQ(writes(none_left), "");
  for (auto* connection : {&store.journal(1), &store.reader(1)})
    for (const auto lasting : {damaged, gone}) {
      connection->end(lasting);
      CHECK_EQ(store.problem(std::chrono::hours{1}), std::string{sentence_of(lasting)});
      connection->end(none);
    }
  for (const auto i : {0u, 1u})
    store.reader(i).end(read_only);
  CHECK_EQ(store.problem(none_left), "the database is read-only");
}

SCENARIO("a short delay is no trouble") {
  four_connections store;
  for (std::size_t i = 0; i < 2; ++i) {
    store.reader(i).begin();
    store.journal(i).end(false);
  }
  CHECK_EQ(store.problem(std::chrono::hours{1}), "");
}

SCENARIO("the probe detects the loss and the return of the database without other queries") {
  memory_database database;
  caf::actor_system_config config;
  caf::actor_system sys{config};
  storage parts;
  parts.reader = spawn_reader(
    sys, [&] { return database.open_query(); }, {.connections = 3}, &parts.reader_health);
  const auto watch = std::make_shared<store_watch>(parts, std::chrono::milliseconds{20});
  const auto probe = spawn_store_probe(sys, parts.reader, 3, watch);
  database.set_available(false);
  CHECK(eventually([&] { return !watch->problem().empty(); }));
  database.set_available(true);
  CHECK(eventually([&] { return watch->problem().empty(); }));
  caf::anon_send_exit(probe, caf::exit_reason::user_shutdown);
  caf::anon_send_exit(parts.reader, caf::exit_reason::user_shutdown);
}
