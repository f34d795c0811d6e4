#include "domain/base/errors.hpp"
#include "persistence/trouble/store_trouble.hpp"

#include <sqlite3.h>

#define CAF_SUITE persistence.fault_classes
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;

namespace {

constexpr fault_class unusable(store_trouble trouble) {
  return {fault_kind::unusable, trouble};
}

bool is_unusable(const char* sqlstate, store_trouble trouble) {
  return classify_sqlstate(sqlstate) == unusable(trouble);
}

} // namespace

SCENARIO("each SQLSTATE means a retry, an unusable database, or a defect of ours") {
  for (const auto* state : {"23505", "40001", "40P01", "55P03"})
    CHECK_EQ(classify_sqlstate(state).kind, fault_kind::try_again);
  for (const auto* state : {"08006", "08P01", "28P01", "3D000", "42501", "53200", "53300", "57P01", "57P03", "57014",
                            "58000", "26000", "0A000", "25P03"})
    CHECK(is_unusable(state, store_trouble::away));
  CHECK(is_unusable("25006", store_trouble::read_only));
  CHECK(is_unusable("53100", store_trouble::full));
  for (const auto* state : {"XX001", "XX002", "58030", "58P01"})
    CHECK(is_unusable(state, store_trouble::damaged));
  for (const auto* state : {"42601", "42P01", "22001", "23502", "XX000", ""})
    CHECK_EQ(classify_sqlstate(state).kind, fault_kind::ours);
}

SCENARIO("each result code of SQLite means the same, by its extended code where that tells more") {
  CHECK_EQ(classify_sqlite_code(SQLITE_CONSTRAINT_PRIMARYKEY).kind, fault_kind::try_again);
  for (const int code : {SQLITE_BUSY, SQLITE_BUSY_SNAPSHOT, SQLITE_LOCKED, SQLITE_CANTOPEN, SQLITE_IOERR_WRITE,
                         SQLITE_IOERR_FSYNC, SQLITE_NOMEM})
    CHECK(classify_sqlite_code(code) == unusable(store_trouble::away));
  for (const int code : {SQLITE_READONLY, SQLITE_READONLY_DIRECTORY, SQLITE_READONLY_CANTLOCK})
    CHECK(classify_sqlite_code(code) == unusable(store_trouble::read_only));
  CHECK(classify_sqlite_code(SQLITE_READONLY_DBMOVED) == unusable(store_trouble::gone));
  for (const int code : {SQLITE_FULL, SQLITE_IOERR_SHMSIZE})
    CHECK(classify_sqlite_code(code) == unusable(store_trouble::full));
  for (const int code : {SQLITE_CORRUPT, SQLITE_CORRUPT_INDEX, SQLITE_NOTADB, SQLITE_IOERR_SHORT_READ,
                         SQLITE_IOERR_READ, SQLITE_IOERR_DATA})
    CHECK(classify_sqlite_code(code) == unusable(store_trouble::damaged));
  for (const int code : {SQLITE_ERROR, SQLITE_MISUSE, SQLITE_RANGE, SQLITE_TOOBIG})
    CHECK_EQ(classify_sqlite_code(code).kind, fault_kind::ours);
}

SCENARIO("the trouble that a failed call met is recognised from its failure") {
  using enum store_trouble;
  for (const auto trouble : {away, read_only, full, damaged, gone}) {
    CHECK_EQ(to_failure(trouble).code, ec::unavailable);
    CHECK(trouble_of(to_failure(trouble)) == trouble);
  }
  CHECK(trouble_of({ec::unavailable, "too many writers at once"}) == away);
  CHECK(trouble_of({ec::internal, "the database refused a statement"}) == none);
}
