#pragma once

#include "domain/base/result.hpp"

#include <boost/json/value.hpp>

#include <string_view>

namespace waybill {

/// Reads one JSON value strictly, for text of strangers: UTF-8, at most 32 levels deep, no member name twice in an
/// object, nothing behind it (RFC 8259, I-JSON RFC 7493). Fails with ec::invalid_argument and a sentence about the
/// first thing that is wrong. Pure and thread-safe.
result<boost::json::value> parse_json(std::string_view text);

} // namespace waybill
