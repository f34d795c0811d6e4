#include "persistence/faults/outage.hpp"

#include "domain/base/errors.hpp"
#include "persistence/database/connection.hpp"
#include "tests/persistence/backends.hpp"
#include "tests/support/eventually.hpp"

#define CAF_SUITE persistence.outage
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::test;

namespace {

void check_outage(sql_backend& database) {
  auto journal = database.journal("here");
  auto query = database.query();
  CHECK_EQ(write(*journal, make_append("ord_a", 0)), 1u);
  const load_entity look{entity_kind::order, "ord_a"};
  CHECK_EQ(query->run(look).value().version, 1u);
  simulated_outage::begin(milliseconds{1'500});
  const auto next = make_append("ord_a", 1);
  // Prepared statements of a connection fail, and new ones too.
  const auto refused = journal->commit({&next, 1});
  CHECK(refused.has_error() && refused.error().code == ec::unavailable);
  const auto unseen = query->run(look);
  CHECK(unseen.has_error() && unseen.error().code == ec::unavailable);
  const auto unchecked = query->run(check_store{});
  CHECK(unchecked.has_error() && unchecked.error().code == ec::unavailable);
  CHECK(eventually([&] { return !simulated_outage::is_on(); }));
  CHECK_EQ(query->run(look).value().version, 1u);
  CHECK_EQ(write(*journal, next), 2u);
}

} // namespace

SCENARIO("while fault injection blocks the database nothing is read or written; afterwards all continues by itself") {
  sqlite_backend sqlite;
  check_outage(sqlite);
  postgresql_backend postgresql;
  check_outage(postgresql);
}
