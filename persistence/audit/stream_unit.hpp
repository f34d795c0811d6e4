#pragma once

#include "persistence/audit/check_context.hpp"
#include "persistence/audit/followed_streams.hpp"

#include <string>

namespace waybill {

/// Checks a stream by its versions alone, whatever its events mean. Throws what SOCI throws.
void check_stream_unit(check_context& context, followed_streams& followed, const std::string& id);

} // namespace waybill
