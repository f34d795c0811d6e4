#pragma once

#include "messages/journal/event_log.hpp"
#include "persistence/database/connection.hpp"

#include <string>

// How far the log is settled: below that place nothing can come any more (docs/adr/0001).

namespace waybill {

/// What of the log can be read now, as a term of SQL: below it nothing can come any more. With PostgreSQL, transactions
/// that do not write events hold it up for a moment only; `at_once`: not even that, for one statement more.
std::string visible_now(connection& database, bool at_once = false);

/// Looks what keeps readers from the end of the log, and notes it in the connection's watch. PostgreSQL only.
void note_log_delay(connection& database);

/// Events of the page that are behind `page.next`, up to which the log is settled, get that position: it stands before
/// them and before what may still come in front of them. `page.seen` notes them.
void place_unsettled(log_page& page);

} // namespace waybill
