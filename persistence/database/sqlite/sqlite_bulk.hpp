#pragma once

#include "persistence/database/bulk_statement.hpp"

namespace waybill {

/// Each row is written when it is complete: the database is in the process.
std::unique_ptr<bulk_writer> make_sqlite_bulk_writer(connection& database);

} // namespace waybill
