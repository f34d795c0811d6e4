#pragma once

#include "domain/base/time.hpp"

#include <optional>
#include <string>
#include <string_view>

/// A cursor is the place where a page of a list ended, as clients send it back: opaque, safe in a URL, and checked when
/// it comes back.
namespace waybill::http {

/// The sort key of the last item of a page.
struct list_cursor {
  std::optional<timestamp> time;
  std::string id;
};

/// `list` names the list: a cursor of another list is refused.
std::string to_cursor(std::string_view list, const list_cursor& at);
std::optional<list_cursor> from_cursor(std::string_view list, std::string_view text);

} // namespace waybill::http
