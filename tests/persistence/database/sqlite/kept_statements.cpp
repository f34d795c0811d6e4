#include "persistence/database/query_builder.hpp"
#include "tests/persistence/backends.hpp"

#include <soci/sqlite3/soci-sqlite3.h>

#include <exception>
#include <string>

#define CAF_SUITE persistence.kept_statements
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::test;
// SOCI includes SQLite's header in this namespace.
using namespace sqlite_api;

namespace {

struct fixture : temp_folder {
  sqlite3* handle() { return static_cast<soci::sqlite3_session_backend*>(database.session().get_backend())->conn_; }

  /// How many statements the connection has, those that nobody uses included.
  int prepared() {
    int count = 0;
    for (auto* each = sqlite3_next_stmt(handle(), nullptr); each != nullptr; each = sqlite3_next_stmt(handle(), each))
      ++count;
    return count;
  }

  std::string ask(const std::string& word, long long number) {
    std::string answer;
    query_builder query{database};
    query.use(word, "word");
    query.use(number, "number");
    query.into(answer);
    query.execute("select :word || :number where :number > 0 union all select 'more'");
    return query.fetch() ? answer : "nothing";
  }

  connection database{store_config{"sqlite:" + *this / "waybill.db"}, access::write};
};

} // namespace

BEGIN_FIXTURE_SCOPE(fixture)

SCENARIO("a query is prepared once, and each run has its own values") {
  CHECK_EQ(ask("a", 1), "a1");
  const auto after_first = prepared();
  CHECK_EQ(ask("b", 2), "b2");
  CHECK_EQ(ask("c", 0), "more");
  CHECK_EQ(prepared(), after_first);
}

SCENARIO("a query that was left before its end keeps nothing from being written") {
  database.session() << "create table t (x integer)";
  CHECK_EQ(ask("a", 1), "a1");
  for (auto* each = sqlite3_next_stmt(handle(), nullptr); each != nullptr; each = sqlite3_next_stmt(handle(), each))
    CHECK_EQ(sqlite3_stmt_busy(each), 0);
  database.begin();
  database.session() << "insert into t values (1)";
  database.commit();
  database.session() << "drop table t";
}

SCENARIO("a query within the same query has a statement of its own") {
  std::string outer;
  query_builder query{database};
  query.into(outer);
  query.execute("select 'outer'");
  {
    std::string inner;
    query_builder again{database};
    again.into(inner);
    again.execute("select 'outer'");
    CHECK(again.fetch());
    CHECK_EQ(inner, "outer");
  }
  CHECK(query.fetch());
  CHECK_EQ(outer, "outer");
}

SCENARIO("a query that failed is not kept") {
  const auto before = prepared();
  long long number = 0;
  try {
    query_builder query{database};
    query.into(number);
    query.execute("select abs(-9223372036854775807 - 1)");
    FAIL("it did not fail");
  } catch (const std::exception&) {
    CHECK_EQ(prepared(), before);
  }
}

SCENARIO("a connection that was closed has no statements left") {
  CHECK_EQ(ask("a", 1), "a1");
  database.disconnect();
  CHECK_EQ(ask("b", 2), "b2");
}

SCENARIO("SQLite does not lock a connection, which one thread uses at a time") {
  CHECK(sqlite3_db_mutex(handle()) == nullptr);
}

END_FIXTURE_SCOPE()
