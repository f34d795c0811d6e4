#pragma once

#include "domain/base/time.hpp"

#include <optional>
#include <string>
#include <string_view>

/// Places in lists, as clients carry them around: opaque, safe in a URL, checked when they come back.
namespace waybill::http {

/// Base 64 with the URL alphabet and without padding (RFC 4648, section 5).
std::string to_base64url(std::string_view octets);

/// Nothing for what to_base64url cannot have written.
std::optional<std::string> from_base64url(std::string_view text);

/// The sort key of the last item of a page. `list` says of which list, so that a cursor of another one is refused.
struct list_cursor {
  std::optional<timestamp> time;
  std::string id;
};

std::string to_cursor(std::string_view list, const list_cursor& at);
std::optional<list_cursor> from_cursor(std::string_view list, std::string_view text);

} // namespace waybill::http
