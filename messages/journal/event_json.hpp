#pragma once

#include "messages/journal/event_log.hpp"

#include <string>

namespace waybill {

/// Adds the event as clients and receivers of webhooks see it (API.md): a JSON object without hidden members.
void append_event_json(std::string& out, const stored_event& event);

} // namespace waybill
