// A foreign transaction, in another database of the server, has a transaction number and stays open.

#include "persistence/database/connection.hpp"
#include "persistence/log/held_up.hpp"
#include "persistence/log/log_watch.hpp"
#include "tests/persistence/backends.hpp"
#include "tests/support/eventually.hpp"

#include <algorithm>
#include <atomic>
#include <iterator>
#include <set>
#include <thread>

#define CAF_SUITE persistence.foreign_transaction
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::test;

namespace {

class open_transaction {
public:
  explicit open_transaction(const std::string& url) : database_{{url}, access::migrate} {
    database_.session() << "set application_name = 'forgotten'";
    database_.begin();
    // In a condition: PostgreSQL does not call a function of a subquery whose result is not read.
    database_.session() << "select pg_backend_pid() where txid_current() > 0", soci::into(pid);
  }

  int pid = 0;

private:
  connection database_;
};

/// A writer in the middle of its commit.
class slow_writer {
public:
  explicit slow_writer(const store_config& config) : database_{config, access::migrate} {
    database_.begin();
    database_.session() << announce_events;
    database_.session() << "select txid_current()";
  }

  void insert(const std::string& stream) {
    database_.session() << "insert into appends (stream, version, type, schema, at, order_id, customer_id, meta, data) "
                           "values (:stream, 1, 'order.placed', 1, 0, '', '', '{}', '{}')",
      soci::use(stream, "stream");
  }
  void commit() { database_.commit(); }

private:
  connection database_;
};

std::vector<std::string> streams_in(query_store& query) {
  std::vector<std::string> streams;
  for (const auto& event : read_all(query))
    streams.push_back(event.stream);
  return streams;
}

using streams = std::vector<std::string>;

const std::string some_order = "ord_06gzz7tp6rwesnq9raaz";
const std::string its_payment = "pay_06gzz7tp6rwesnq9raaz";
const std::string its_delivery = "dlv_06gzz7tp6rwesnq9raaz";

read_log history_of(const std::string& order, std::uint32_t limit = 50) {
  read_log query{{}, {}, limit, true, true};
  query.filter.order = order;
  return query;
}

std::vector<std::string> ids_of(const log_page& page) {
  std::vector<std::string> ids;
  for (const auto& event : page.events)
    ids.push_back(event_id(event));
  return ids;
}

void read_on_behind(read_log& query, log_page& page) {
  query.after = page.next;
  query.seen = page.seen;
  query.from_earliest = false;
}

} // namespace

SCENARIO("G6: readers do not wait for a foreign transaction, and an order's own events are readable at once") {
  postgresql_backend database;
  auto journal = database.journal("here");
  auto query = database.query();
  write(*journal, make_append("ord_first", 0));
  const open_transaction foreign{test_postgres::shared().create_database()};
  write(*journal, make_append("ord_06gzz7tp6rwesnq9raaz", 0, 2));
  event_filter order;
  order.order = "ord_06gzz7tp6rwesnq9raaz";
  CHECK_EQ(query->run(read_log{{}, order, 50, true}).value().events.size(), 2u);
  CHECK(eventually([&] { return streams_in(*query).size() == 3; }));
  // From then on without a pause.
  const auto end = query->run(get_log_end{}).value();
  write(*journal, make_append("ord_second", 0));
  CHECK_EQ(query->run(read_log{end, {}, 10}).value().events.size(), 1u);
  CHECK_EQ(query->run(read_log{end, {{"order.*"}, {}, {}, {}}, 10}).value().events.size(), 1u);
}

SCENARIO("G6: readers pass a foreign transaction, but still wait for a writer of events in the middle of its commit") {
  postgresql_backend database;
  auto journal = database.journal("here");
  auto query = database.query();
  const open_transaction foreign{test_postgres::shared().create_database()};
  write(*journal, make_append("ord_first", 0));
  REQUIRE(eventually([&] { return streams_in(*query) == streams{"ord_first"}; }));
  slow_writer slow{database.config};
  write(*journal, make_append("ord_quick", 0));
  CHECK_EQ(streams_in(*query), streams{"ord_first"});
  slow.insert("ord_slow");
  CHECK_EQ(streams_in(*query), streams{"ord_first"});
  slow.commit();
  CHECK_EQ(streams_in(*query), (streams{"ord_first", "ord_slow", "ord_quick"}));
}

SCENARIO("G6: an order's own events are readable at once, even while another writer is in the middle of its commit") {
  postgresql_backend database;
  auto journal = database.journal("here");
  auto query = database.query();
  write(*journal, make_append(some_order, 0, 2));
  slow_writer slow{database.config};
  write(*journal, make_append(its_payment, 0, 2));
  write(*journal, make_append(some_order, 2, 1));
  write(*journal, make_append("ord_another", 0));

  const auto page = query->run(history_of(some_order)).value();
  CHECK_EQ(ids_of(page), (streams{"evt_" + some_order + ".1", "evt_" + some_order + ".2", "evt_" + its_payment + ".1",
                                  "evt_" + its_payment + ".2", "evt_" + some_order + ".3"}));
  // Readers of the log stand before them, and so does every position of the page.
  const auto settled = query->run(get_log_end{}).value();
  CHECK(page.next == settled);
  CHECK(page.events.at(1).position == settled);
  for (const auto& event : page.events)
    CHECK(event.position <= settled);
  event_filter order;
  order.order = some_order;
  CHECK_EQ(query->run(read_log{{}, order, 50, true}).value().events.size(), 2u);

  slow.insert("ord_slow");
  slow.commit();
  const auto behind = query->run(read_log{page.events.back().position, {}, 50}).value();
  CHECK_EQ(ids_of(behind), (streams{"evt_ord_slow.1", "evt_" + its_payment + ".1", "evt_" + its_payment + ".2",
                                    "evt_" + some_order + ".3", "evt_ord_another.1"}));
}

SCENARIO("G6: an order's events come once each in pages, also those committed between two pages") {
  postgresql_backend database;
  auto journal = database.journal("here");
  auto query = database.query();
  slow_writer slow{database.config};
  slow.insert(its_delivery);
  write(*journal, make_append(some_order, 0, 2));
  write(*journal, make_append(its_payment, 0, 2));
  auto next = history_of(some_order, 1);
  streams seen;
  for (bool more = true; more;) {
    auto page = query->run(next).value();
    more = !page.events.empty();
    std::ranges::move(ids_of(page), std::back_inserter(seen));
    read_on_behind(next, page);
    // Earlier in the log than the events that were shown.
    if (seen.size() == 3 && more)
      slow.commit();
  }
  CHECK_EQ(seen, (streams{"evt_" + some_order + ".1", "evt_" + some_order + ".2", "evt_" + its_payment + ".1",
                          "evt_" + its_delivery + ".1", "evt_" + its_payment + ".2"}));
  CHECK(next.after == query->run(get_log_end{}).value());
}

SCENARIO("G6: a subscriber misses no event with many writers beside a foreign transaction") {
  postgresql_backend database;
  const open_transaction foreign{test_postgres::shared().create_database()};
  constexpr std::uint64_t versions = 60;
  std::vector<std::jthread> writers;
  std::atomic<int> at_work = 0;
  for (int i = 0; i < 4; ++i) {
    ++at_work;
    writers.emplace_back([&, i] {
      const auto journal = database.journal("node" + std::to_string(i));
      for (std::uint64_t version = 0; version < versions; ++version) {
        // Every second one looks first: two writers want the shared stream.
        write(*journal, make_append("ord_" + std::to_string(i), version));
        const auto shared = make_append("ord_shared_" + std::to_string(i / 2), version);
        journal->commit({&shared, 1}).value();
      }
      --at_work;
    });
  }
  auto query = database.query();
  read_log next{{}, {}, 7};
  std::vector<std::string> seen;
  const auto read_on = [&] {
    const auto page = query->run(next).value();
    next.after = page.next;
    for (const auto& event : page.events)
      seen.push_back(event_id(event));
    return !page.events.empty();
  };
  while (at_work > 0)
    read_on();
  writers.clear();
  const auto all = [&] {
    std::set<std::string> ids;
    for (const auto& event : read_all(*query))
      ids.insert(event_id(event));
    return ids;
  };
  CHECK(eventually([&] {
    while (read_on()) {
    }
    return seen.size() > 4 * versions && std::set<std::string>(seen.begin(), seen.end()) == all();
  }));
  CHECK_EQ(all().size(), seen.size());
}

SCENARIO("a foreign transaction is named by pid, application, database, state and age") {
  postgresql_backend database;
  database.config.watch = std::make_shared<log_watch>();
  auto journal = database.journal("here");
  auto query = database.query();
  const open_transaction foreign{test_postgres::shared().create_database()};
  write(*journal, make_append("ord_first", 0));
  const auto delay = [&] {
    query->run(check_store{}).value();
    return database.config.watch->delay();
  };
  CHECK(eventually([&] { return !delay().culprit.empty(); }));
  const auto seen = delay();
  CHECK(seen.culprit.find("pid " + std::to_string(foreign.pid) + ", application forgotten") != std::string::npos);
  CHECK(seen.culprit.find("idle in transaction") != std::string::npos);
  CHECK_GE(seen.oldest_transaction.count(), 5'000);
  CHECK_LT(seen.oldest_unread.count(), 5'000);
}

SCENARIO("a role without privileges does not see the age of another role's transaction, and knows that it does not") {
  connection watching{{test_postgres::shared().create_database()}, access::migrate};
  const open_transaction foreign{test_postgres::shared().create_database()};
  watching.session() << "do $$ begin create role plain; exception when duplicate_object then null; end $$";
  CHECK(find_oldest_transaction(watching.session()).age_s >= 0);
  watching.session() << "set role plain";
  const auto oldest = find_oldest_transaction(watching.session());
  CHECK_EQ(oldest.pid, foreign.pid);
  CHECK(oldest.age_s < 0);
}
