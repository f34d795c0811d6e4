#include "persistence/database/bulk_statement.hpp"

#include "persistence/database/postgresql_bulk.hpp"
#include "persistence/database/sqlite/sqlite_bulk.hpp"

namespace waybill {

std::unique_ptr<bulk_writer> make_bulk_writer(connection& database) {
  return database.kind() == dialect::sqlite ? make_sqlite_bulk_writer(database) : make_postgresql_bulk_writer(database);
}

} // namespace waybill
