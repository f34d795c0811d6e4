#include "persistence/trouble/session_check.hpp"

#include "domain/base/errors.hpp"
#include "persistence/database/bulk_statement.hpp"
#include "persistence/store.hpp"
#include "tests/persistence/backends.hpp"
#include "tests/persistence/support/pooler.hpp"
#include "tests/persistence/support/run_sql.hpp"

#define CAF_SUITE persistence.session_check
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::test;

namespace {

const char* const all_options[] = {"", "server_round_robin = 1", "default_pool_size = 1"};

std::string tables_of(const std::string& url) {
  return run_sql(url, "select count(*) from pg_class where relname = 'events'");
}

} // namespace

SCENARIO("a connection pool without session mode is refused at the start with one line") {
  for (const std::string mode : {"transaction", "statement"})
    for (const std::string options : all_options) {
      const auto url = test_postgres::shared().create_database();
      const pooler pool{url, mode, options};
      // A pool that other clients have filled already.
      for (int i = 0; i < 3; ++i)
        run_sql(pool.url(), "select 1");
      const auto refused = migrate({pool.url()});
      CAF_MESSAGE(mode << " " << options);
      REQUIRE(refused.has_error());
      CHECK_EQ(refused.error().code, ec::invalid_argument);
      CHECK(refused.error().detail.find("session mode") != std::string::npos);
      CHECK_EQ(tables_of(url), "0");
    }
}

SCENARIO("a connection pool in session mode works like the server itself") {
  const auto url = test_postgres::shared().create_database();
  const pooler pool{url, "session", ""};
  const store_config own{pool.url()};
  store_config ledger{pool.url()};
  ledger.schema = "simulated_provider";
  REQUIRE(migrate(own).has_value());
  REQUIRE(migrate(ledger).has_value());
  for (int round = 0; round < 3; ++round) {
    auto journal = open_journal_store(own, "here");
    auto books = open_journal_store(ledger, "here");
    const auto order = "ord_" + std::to_string(round);
    CHECK_EQ(write(*journal, make_append(order, 0)), 1u);
    CHECK_EQ(write(*books, make_append("ledger_" + order, 0)), 1u);
    CHECK_EQ(open_query_store(own)->run(load_entity{entity_kind::order, order}).value().version, 1u);
  }
  CHECK_EQ(run_sql(url, "select count(*) from public.events where stream like 'ord%'"), "3");
  CHECK_EQ(run_sql(url, "select count(*) from simulated_provider.events where stream like 'ledger%'"), "3");
  CHECK_EQ(run_sql(url, "select count(*) from public.events"), "3");
}

SCENARIO("a schema that comes earlier in the search path does not hide the tables") {
  const auto url = test_postgres::shared().create_database();
  REQUIRE(migrate({url}).has_value());
  write(*open_journal_store({url}, "here"), make_append("ord_a", 0));
  // "$user" comes before public.
  run_sql(url, "create schema waybill");
  REQUIRE(migrate({url}).has_value());
  write(*open_journal_store({url}, "here"), make_append("ord_a", 1));
  CHECK_EQ(open_query_store({url})->run(load_entity{entity_kind::order, "ord_a"}).value().version, 2u);
  CHECK_EQ(tables_of(url), "1");
}

SCENARIO("writes go to the tables of the own schema even when the session's search path is changed") {
  const auto url = test_postgres::shared().create_database();
  store_config ledger{url};
  ledger.schema = "simulated_provider";
  REQUIRE(migrate({url}).has_value());
  REQUIRE(migrate(ledger).has_value());
  write(*open_journal_store({url}, "here"), make_append("ord_a", 0));
  connection leaked{{url}, access::write};
  leaked.session() << "set search_path to simulated_provider";
  leaked.begin();
  leaked.session() << "update entities set unfinished = true where id = 'ord_a'";
  leaked.commit();
  const auto statements = make_bulk_writer(leaked);
  statements
    ->make("insert into appends (stream, version, type, schema, at, order_id, customer_id, meta, data) {rows}",
           {{"stream"},
            {"version", column::type::bigint},
            {"type"},
            {"schema", column::type::smallint},
            {"at", column::type::bigint},
            {"order_id"},
            {"customer_id"},
            {"meta"},
            {"data"}})
    .text("ord_a")
    .number(2)
    .text("order.placed")
    .number(1)
    .number(0)
    .text("")
    .text("")
    .text("{}")
    .text("{}");
  statements->write(true);
  leaked.commit();
  CHECK_EQ(run_sql(url, "select count(*) from public.entities where unfinished"), "1");
  CHECK_EQ(run_sql(url, "select count(*) from public.events"), "2");
  CHECK_EQ(run_sql(url, "select count(*) from simulated_provider.events"), "0");
}
