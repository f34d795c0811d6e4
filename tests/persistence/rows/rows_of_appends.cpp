// A row of the log holds events of one stream that were committed together. Nobody sees that from outside.

#include "domain/base/errors.hpp"
#include "persistence/database/migrations.hpp"
#include "persistence/rows/further_events.hpp"
#include "tests/persistence/support/trimming.hpp"

#include <algorithm>

#define CAF_SUITE persistence.rows_of_appends
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::test;

namespace {

long long ask_number(const store_config& config, const std::string& sql) {
  connection database{config, access::read};
  long long number = 0;
  database.session() << sql, soci::into(number);
  return number;
}

/// Appends one event about an order of a customer.
append reservation(std::uint64_t number) {
  auto request = make_append("prd_a", number, 1, "");
  request.version_was_seen = true;
  request.order = "ord_" + std::to_string(number % 3);
  request.customer = "cus_" + std::to_string(number % 3);
  request.at += std::chrono::microseconds{number};
  request.origin.correlation_id = "req_" + std::to_string(number % 3);
  request.events[0].type = number % 2 == 0 ? "stock.reserved" : "stock.committed";
  return request;
}

void commit(journal_store& journal, const std::vector<append>& batch) {
  for (const auto& outcome : journal.commit(batch).value())
    REQUIRE(outcome.has_value());
}

std::vector<append> reservations(std::uint64_t count) {
  std::vector<append> batch;
  for (std::uint64_t i = 0; i < count; ++i)
    batch.push_back(reservation(i));
  return batch;
}

std::vector<stored_event> matching(const std::vector<stored_event>& events, const event_filter& filter) {
  std::vector<stored_event> kept;
  std::ranges::copy_if(events, std::back_inserter(kept),
                       [&](const stored_event& event) { return matches(filter, event); });
  return kept;
}

} // namespace

SCENARIO("appends of one stream in one commit are one row, and read back like separate rows") {
  on_every_database([](sql_backend& database, const std::string& name) {
    MESSAGE(name);
    auto journal = database.journal("here");
    constexpr std::uint64_t count = 2 * places_of_row + 5;
    auto batch = reservations(count);
    batch.insert(batch.begin() + 7, make_append("ord_a", 0, 3));
    commit(*journal, batch);
    CHECK_EQ(ask_number(database.config, "select count(*) from appends where stream = 'prd_a'"), 3);
    CHECK_EQ(ask_number(database.config, "select count(*) from appends where stream = 'ord_a'"), 1);
    auto query = database.query();
    const auto events = read_all(*query);
    REQUIRE_EQ(events.size(), count + 3);
    CHECK(std::ranges::is_sorted(events, std::less{}, &stored_event::position));
    for (const auto& event : matching(events, {{}, "prd_a", {}, {}})) {
      const auto expected = reservation(event.version - 1);
      CHECK_EQ(event.type, expected.events[0].type);
      CHECK_EQ(event.data, expected.events[0].data);
      CHECK_EQ(event.order, expected.order);
      CHECK_EQ(event.customer, expected.customer);
      CHECK_EQ(event.origin.correlation_id, expected.origin.correlation_id);
      CHECK_EQ(event.node, "here");
      CHECK_EQ(event.at, batch[event.version - 1 < 7 ? event.version - 1 : event.version].at);
    }
    // The log continues after the last event of a row.
    write(*journal, reservation(count));
    CHECK(events.back().position < read_all(*query).back().position);
  });
}

SCENARIO("with every page size and beginning, a reader gets each matching event once") {
  on_every_database([](sql_backend& database, const std::string& name) {
    MESSAGE(name);
    auto journal = database.journal("here");
    commit(*journal, reservations(20));
    commit(*journal, {make_append("ord_a", 0, 2), make_append("ord_b", 0, 5), reservation(20), reservation(21)});
    auto query = database.query();
    const auto all = read_all(*query);
    REQUIRE_EQ(all.size(), 29u);
    const std::vector<event_filter> filters{{},
                                            {{"stock.committed"}, {}, {}, {}},
                                            {{"stock.*"}, {}, {}, {}},
                                            {{"stock.res*", "order.placed"}, {}, {}, {}},
                                            {{"nothing.*"}, {}, {}, {}},
                                            {{}, "ord_b", {}, {}},
                                            {{}, {}, "ord_b", {}},
                                            {{}, {}, {}, "cus_1"},
                                            {{"stock.committed"}, {}, {}, "cus_1"}};
    for (const auto& filter : filters) {
      const auto wanted = ids_of(matching(all, filter));
      for (const std::uint32_t limit : {1, 2, 3, 7, 100})
        CHECK_EQ(ids_of(read_all(*query, filter, limit)), wanted);
      for (const auto& event : all) {
        auto behind = all;
        std::erase_if(behind, [&](const stored_event& other) { return other.position <= event.position; });
        const auto page = query->run(read_log{event.position, filter, 100}).value();
        CHECK_EQ(ids_of(page.events), ids_of(matching(behind, filter)));
      }
    }
  });
}

SCENARIO("each event of one append may concern another order and another customer") {
  on_every_database([](sql_backend& database, const std::string& name) {
    MESSAGE(name);
    auto journal = database.journal("here");
    auto told = make_append("notifier", 0, 3);
    told.order = "ord_own";
    told.events[0].order = "ord_a";
    told.events[0].customer = "cus_a";
    told.events[1].order = "ord_b";
    told.events[1].customer = "cus_b";
    auto more = make_append("notifier", 3, 1, "");
    more.events[0].customer = "cus_a";
    commit(*journal, {told, more});
    CHECK_EQ(ask_number(database.config, "select count(*) from appends"), 1);
    auto query = database.query();
    std::vector<std::pair<std::string, std::string>> concerned;
    for (const auto& event : read_all(*query))
      concerned.emplace_back(event.order, event.customer);
    const std::vector<std::pair<std::string, std::string>> wanted{
      {"ord_a", "cus_a"}, {"ord_b", "cus_b"}, {"ord_own", ""}, {"", "cus_a"}};
    CHECK(concerned == wanted);
    for (const auto& [customer, count] : {std::pair{"cus_a", 2u}, {"cus_b", 1u}, {"cus_c", 0u}})
      CHECK_EQ(read_all(*query, {{}, {}, {}, customer}).size(), count);
  });
}

SCENARIO("a stream and an entity are read from any version on, also within a row") {
  on_every_database([](sql_backend& database, const std::string& name) {
    MESSAGE(name);
    auto journal = database.journal("here");
    write(*journal, make_append("ord_a", 0, 1));
    commit(*journal, {make_append("ord_a", 1, 3, ""), make_append("ord_a", 4, 2, "")});
    write(*journal, make_append("ord_a", 6, 2, ""));
    auto query = database.query();
    const auto entity = query->run(load_entity{entity_kind::order, "ord_a"}).value();
    CHECK_EQ(entity.version, 8u);
    CHECK_EQ(entity.later.size(), 7u);
    // A state that was stored within what became one row.
    connection{database.config, access::write}.session() << "update entities set version = 3 where id = 'ord_a'";
    const auto later = query->run(load_entity{entity_kind::order, "ord_a"}).value().later;
    REQUIRE_EQ(later.size(), 5u);
    CHECK_EQ(later.front().version, 4u);
  });
}

SCENARIO("G2: an append on an outdated version is refused, also within a row") {
  on_every_database([](sql_backend& database, const std::string& name) {
    MESSAGE(name);
    auto journal = database.journal("here");
    write(*journal, make_append("ord_a", 0, 2));
    commit(*journal, {make_append("ord_a", 2, 2), make_append("ord_a", 4, 1)});
    // 3 and 4 lie within the second row.
    for (const std::uint64_t known : {0, 2, 3, 4, 6}) {
      auto other = database.journal("there");
      CHECK_EQ(outcome_of(*other, make_append("ord_a", known, 1)), ec::conflict);
      auto without_state = make_append("ord_a", known, 1, "");
      without_state.version_was_seen = true;
      CHECK_EQ(outcome_of(*other, without_state), ec::conflict);
    }
    // The stored state is of a version within the row.
    commit(*journal, {make_append("ord_b", 0, 1), make_append("ord_b", 1, 1, "")});
    for (const bool seen : {false, true}) {
      auto stale = make_append("ord_b", 1, 1);
      stale.version_was_seen = seen;
      CHECK_EQ(outcome_of(*database.journal("there"), stale), ec::conflict);
    }
    // The same node asks again, because it does not know how its commit ended.
    auto again = make_append("ord_a", 5, 2);
    CHECK_EQ(write(*journal, again), 7u);
    CHECK_EQ(write(*journal, again), 7u);
    CHECK_EQ(database.query()->run(load_entity{entity_kind::order, "ord_a"}).value().version, 7u);
  });
}

SCENARIO("old events are removed in whole rows, and none that an entity needs") {
  on_every_database([](sql_backend& database, const std::string& name) {
    MESSAGE(name);
    auto journal = database.journal("here");
    commit(*journal, {make_append("ord_a", 0, 3), make_append("ord_b", 0, 2)});
    // No state of version 5.
    commit(*journal, {make_append("ord_a", 3, 2, "")});
    write(*journal, make_append("ord_c", 0, 1));
    const auto before = read_all(*database.query());
    auto trimmer = open_log_trimmer(database.config, {.range = 100, .batch = 4});
    // In the middle of the first row: it stays.
    CHECK_EQ(trim(*trimmer, {now() + std::chrono::hours{1}, before[1].position}), 0u);
    CHECK_EQ(trim(*trimmer, everything_old()), 5u);
    CHECK_EQ(kept(database), ids_of({before.begin() + 5, before.end()}));
    CHECK_EQ(read_from(database, before[1].position), ec::cursor_expired);
    CHECK_EQ(read_from(database, before[4].position), ec::none);
  });
}

SCENARIO("a row that cannot be read is an error, for its readers only") {
  on_every_database([](sql_backend& database, const std::string& name) {
    MESSAGE(name);
    auto journal = database.journal("here");
    write(*journal, make_append("ord_a", 0, 2));
    write(*journal, make_append("ord_b", 0, 1));
    auto query = database.query();
    for (const auto* broken : {"further = '[{'", "event_count = 3", "meta = 'x'"}) {
      connection writing{database.config, access::write};
      writing.session() << std::string{"update appends set "} + broken + " where stream = 'ord_a'";
      CHECK_EQ(query->run(read_log{{}, {}, 10}).error().code, ec::internal);
      CHECK_EQ(query->run(read_log{{}, {{}, "ord_b", {}, {}}, 10}).value().events.size(), 1u);
      writing.session() << std::string{"update appends set meta = '{}', event_count = 2, further = '"}
                             + R"([{"type":"order.placed","schema":1,"data":{}}])" + "' where stream = 'ord_a'";
      CHECK_EQ(query->run(read_log{{}, {}, 10}).value().events.size(), 3u);
    }
  });
}

SCENARIO("the view `events` has one row for each event") {
  on_every_database([](sql_backend& database, const std::string& name) {
    MESSAGE(name);
    auto journal = database.journal("here");
    commit(*journal, reservations(places_of_row + 3));
    write(*journal, make_append("ord_a", 0, 3));
    const bool sqlite = name == "sqlite";
    const auto place = sqlite ? std::string{"'0', position"} : std::string{"txid::text, seq"};
    std::vector<std::string> seen;
    std::string transaction, stream, type, order, customer, meta, data;
    long long sequence = 0, version = 0, at = 0;
    connection reading{database.config, access::read};
    soci::statement rows =
      (reading.session().prepare << "select " + place
                                      + ", stream, version, type, at, order_id, customer_id, meta, data from events "
                                        "order by "
                                      + (sqlite ? "position" : "events.txid, events.seq"),
       soci::into(transaction), soci::into(sequence), soci::into(stream), soci::into(version), soci::into(type),
       soci::into(at), soci::into(order), soci::into(customer), soci::into(meta), soci::into(data));
    for (rows.execute(); rows.fetch();) {
      const auto node = meta.find(R"("node":"here")") != std::string::npos;
      seen.push_back(to_string(log_position{std::stoull(transaction), static_cast<std::uint64_t>(sequence)}) + stream
                     + std::to_string(version) + type + std::to_string(at) + order + customer + data
                     + (node ? "here" : ""));
    }
    std::vector<std::string> expected;
    for (const auto& event : read_all(*database.query()))
      expected.push_back(to_string(event.position.bare()) + event.stream + std::to_string(event.version) + event.type
                         + std::to_string(event.at.time_since_epoch().count()) + event.order + event.customer
                         + event.data + event.node);
    CHECK_EQ(seen, expected);
  });
}

SCENARIO(
  "a database of an older program is accepted: its events keep their positions, and the log continues after them") {
  const auto start = [](const store_config& config) {
    const bool sqlite = config.url.starts_with("sqlite");
    std::string last;
    {
      connection database{config, access::migrate};
      auto known = sqlite ? sqlite_migrations() : postgresql_migrations();
      std::erase_if(known, [](const migration& migration) { return migration.number > 14; });
      database.begin();
      REQUIRE(apply_migrations(database, known).has_value());
      database.commit();
      for (int version = 1; version <= 100; ++version)
        database.session() << "insert into events (stream, version, type, schema, at, order_id, customer_id, meta, "
                              "data) values ('ord_old', "
                                + std::to_string(version)
                                + ", 'order.placed', 1, 1700000000000000, 'ord_old', 'cus_1', '{\"node\":\"old\"}', "
                                  "'{}')";
      database.session() << (sqlite ? "select max(position) from events"
                                    : "select txid::text || ' ' || seq from events order by version desc limit 1"),
        soci::into(last);
    }
    REQUIRE(migrate(config).has_value());
    auto query = open_query_store(config);
    const auto old = read_all(*query);
    REQUIRE_EQ(old.size(), 100u);
    for (std::size_t i = 0; i < old.size(); ++i) {
      CHECK_EQ(old[i].version, i + 1);
      CHECK_EQ(old[i].node, "old");
      const auto page = query->run(read_log{old[i].position, {}, 200}).value();
      CHECK_EQ(page.events.size(), old.size() - i - 1);
    }
    const auto place = old.back().position;
    CHECK_EQ(sqlite ? std::to_string(place.sequence)
                    : std::to_string(place.transaction) + " " + std::to_string(place.sequence),
             last);
    auto journal = open_journal_store(config, "here");
    CHECK_EQ(outcome_of(*journal, make_append("ord_old", 99)), ec::conflict);
    CHECK_EQ(write(*journal, make_append("ord_old", 100, 3)), 103u);
    const auto more = query->run(read_log{old.back().position, {}, 200}).value().events;
    REQUIRE_EQ(more.size(), 3u);
    CHECK_EQ(more.front().version, 101u);
    CHECK_EQ(read_all(*query, {}, 7).size(), 103u);
  };
  const temp_folder folder;
  start({"sqlite:" + folder / "old.db"});
  start({test_postgres::shared().create_database()});
}
