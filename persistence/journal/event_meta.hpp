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

/// Replaces `out` by a JSON object with short names; empty values are left out.
void write_json(std::string& out, const provenance& origin, std::string_view node);

/// Throws boost::system::system_error when `text` is no such object.
event_meta parse_event_meta(std::string_view text);

} // namespace waybill
