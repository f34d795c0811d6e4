#pragma once

#include "messages/common.hpp"

#include <string>
#include <string_view>

namespace waybill {

/// What is stored with an event besides its content: where it comes from, and the node that wrote it.
struct event_meta {
  provenance origin;
  std::string node;
};

/// A JSON object with short names; empty values are left out.
std::string to_json(const provenance& origin, std::string_view node);

/// Throws boost::system::system_error when `text` is no such object.
event_meta parse_event_meta(std::string_view text);

} // namespace waybill
