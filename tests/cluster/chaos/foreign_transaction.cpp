#include "tests/cluster/chaos/foreign_transaction.hpp"

#include <libpq-fe.h>

#include <stdexcept>

namespace waybill::chaos {

namespace {

bool execute(PGconn* session, const char* sql) {
  auto* outcome = PQexec(session, sql);
  const auto status = PQresultStatus(outcome);
  PQclear(outcome);
  return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
}

} // namespace

foreign_transaction::foreign_transaction(const std::string& url) : session_{PQconnectdb(url.c_str()), &PQfinish} {
  if (!execute(session_.get(), "begin") || !execute(session_.get(), "select txid_current()"))
    throw std::runtime_error(std::string{"no foreign transaction: "} + PQerrorMessage(session_.get()));
}

bool foreign_transaction::is_open() const {
  return execute(session_.get(), "select 1");
}

} // namespace waybill::chaos
