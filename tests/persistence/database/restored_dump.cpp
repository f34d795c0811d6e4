#include "domain/base/errors.hpp"
#include "persistence/store.hpp"
#include "tests/support/postgres.hpp"

#include <libpq-fe.h>

#include <memory>

#define CAF_SUITE persistence.restored_dump
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::test;

namespace {

void run_sql(const std::string& url, const std::string& sql) {
  const std::unique_ptr<PGconn, decltype(&PQfinish)> connection{PQconnectdb(url.c_str()), &PQfinish};
  const std::unique_ptr<PGresult, decltype(&PQclear)> outcome{PQexec(connection.get(), sql.c_str()), &PQclear};
  if (PQresultStatus(outcome.get()) != PGRES_COMMAND_OK)
    CAF_FAIL(PQresultErrorMessage(outcome.get()));
}

std::string event_at(const std::string& transaction) {
  return "insert into appends (stream, version, type, schema, at, order_id, customer_id, meta, data, txid) values "
         "('ord_"
         + transaction + "', 1, 'order.placed', 1, 0, '', '', '{}', '{}', '" + transaction + "')";
}

} // namespace

SCENARIO("a log with positions of another PostgreSQL server is refused while it has them") {
  store_config store;
  store.url = test_postgres::shared().create_database();
  REQUIRE(migrate(store).has_value());
  run_sql(store.url, event_at("3"));
  CHECK(migrate(store).has_value());
  run_sql(store.url, event_at("4000000000"));
  const auto refused = migrate(store);
  REQUIRE(refused.has_error());
  CHECK_EQ(refused.error().code, ec::unreadable);
  CHECK(refused.error().detail.find("4000000000") != std::string::npos);
  run_sql(store.url, "delete from appends where txid = '4000000000'");
  CHECK(migrate(store).has_value());
}
