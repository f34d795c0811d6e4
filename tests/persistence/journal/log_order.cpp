// The order of PostgreSQL's log in the two cases in which a number becomes visible after a higher one. All in one
// thread, so that each case happens every time.

#include "persistence/database/connection.hpp"
#include "tests/persistence/backends.hpp"
#include "tests/support/eventually.hpp"

#include <array>

#define CAF_SUITE persistence.log_order
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::test;

using streams = std::vector<std::string>;

namespace {

/// A writer in the middle of its commit; has the number of its transaction from the start.
class slow_writer {
public:
  // As for migrations: it may stand still for longer than a writer may.
  explicit slow_writer(const store_config& config) : database_{config, access::migrate} {
    database_.begin();
    long long number = 0;
    database_.session() << "select cast(cast(pg_current_xact_id() as text) as bigint)", soci::into(number);
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

/// Two readers that go on from where they were: one of all events, one with a filter that everything matches.
struct readers {
  std::unique_ptr<query_store> query;
  std::array<read_log, 2> next{read_log{{}, {}, 50}, read_log{{}, {{"order.*"}, {}, {}, {}}, 50}};
  std::array<streams, 2> seen = {};

  void read_on() {
    for (std::size_t i = 0; i < next.size(); ++i) {
      const auto page = query->run(next[i]).value();
      next[i].after = page.next;
      for (const auto& event : page.events)
        seen[i].push_back(event.stream);
    }
  }

  bool have_seen(const streams& all) {
    read_on();
    return seen[0] == all && seen[1] == all;
  }
};

} // namespace

SCENARIO("G6: readers wait for an earlier transaction, so that they do not miss its events") {
  postgresql_backend database;
  readers log{database.query()};
  slow_writer slow{database.config};
  slow.insert("ord_slow");
  auto journal = database.journal("here");
  write(*journal, make_append("ord_quick", 0));
  log.read_on();
  CHECK(log.seen[0].empty());
  CHECK(log.seen[1].empty());
  CHECK(log.query->run(get_log_end{}).value() == log_position{});
  slow.commit();
  CHECK(eventually([&] { return log.have_seen({"ord_slow", "ord_quick"}); }));
}

SCENARIO("G6: readers see events with a lower sequence number that are committed later") {
  postgresql_backend database;
  readers log{database.query()};
  slow_writer first{database.config};
  slow_writer second{database.config};
  second.insert("ord_second");
  first.insert("ord_first");
  first.commit();
  CHECK(eventually([&] { return log.have_seen({"ord_first"}); }));
  second.commit();
  CHECK(eventually([&] { return log.have_seen({"ord_first", "ord_second"}); }));
}
