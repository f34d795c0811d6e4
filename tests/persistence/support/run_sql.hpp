#pragma once

#include <libpq-fe.h>

#include <memory>
#include <stdexcept>
#include <string>

namespace waybill::test {

/// Runs statements on a PostgreSQL database, over a connection of its own; the first value of the last answer, or an
/// empty text. Throws std::runtime_error.
inline std::string run_sql(const std::string& url, const std::string& sql) {
  const std::unique_ptr<PGconn, decltype(&PQfinish)> connection{PQconnectdb(url.c_str()), &PQfinish};
  const std::unique_ptr<PGresult, decltype(&PQclear)> outcome{PQexec(connection.get(), sql.c_str()), &PQclear};
  const auto status = PQresultStatus(outcome.get());
  if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
    throw std::runtime_error{PQerrorMessage(connection.get())};
  return PQntuples(outcome.get()) > 0 ? PQgetvalue(outcome.get(), 0, 0) : "";
}

} // namespace waybill::test
