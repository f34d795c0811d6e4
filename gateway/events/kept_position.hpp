#pragma once

#include "gateway/context/context.hpp"
#include "messages/journal/log_position.hpp"

namespace waybill::http {

/// Throws the problem `cursor_expired` when a position that a client has brought is not of this log, or events behind
/// it were removed. The event feed does not look: it answers from its memory what it can.
task<void> require_kept(context& ctx, const request& req, log_position position);

} // namespace waybill::http
