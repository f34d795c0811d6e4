#pragma once

#include "domain/json/json_writer.hpp"
#include "messages/journal/event_json.hpp"

#include <string>

namespace waybill::http {

/// An event as clients see it, in every transport.
inline std::string to_json(const stored_event& event) {
  std::string text;
  append_event_json(text, event);
  return text;
}

} // namespace waybill::http
