#pragma once

#include "domain/base/result.hpp"

#include <string>

namespace waybill {

/// PostgreSQL: whether a connection keeps its session from one transaction to the next. A connection pool that gives
/// each transaction, or each statement, another session (pgbouncer: pool_mode=transaction, pool_mode=statement) would
/// lose settings, prepared statements and locks, and leave them to other clients. Fails with ec::invalid_argument and
/// the reason. Whether the server can be reached at all is not its business: then it fails not.
/// Blocks for some seconds at the most.
result<void> check_session_state(const std::string& url);

} // namespace waybill
