#pragma once

#include "messages/journal/journal.hpp"

#include <string>

namespace waybill {

/// An event as clients and receivers of webhooks see it (API.md): a JSON object without what nobody may see.
void append_event_json(std::string& out, const stored_event& what);

} // namespace waybill
