#pragma once

#include "persistence/database/bulk_statement.hpp"

namespace waybill {

/// All statements travel in one round trip (libpq's pipeline mode, PostgreSQL 15, section 34.5).
std::unique_ptr<bulk_writer> make_postgresql_bulk_writer(connection& database);

} // namespace waybill
