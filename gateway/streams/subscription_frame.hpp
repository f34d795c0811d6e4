#pragma once

#include "gateway/http/json_body.hpp"
#include "messages/journal/event_log.hpp"

#include <optional>
#include <string>
#include <vector>

namespace waybill::http {

/// What a client asks for with `{"type":"subscribe","id","filter":{"types","order","customer"},"after"}`.
struct subscription_wish {
  std::string id;
  /// Nothing: from now on, or with the oldest events that are kept.
  std::optional<log_position> after;
  bool from_earliest = false;
  event_filter filter;
};

/// Notes everything that is wrong in `errors`.
subscription_wish read_subscription_frame(const boost::json::value& frame, std::vector<field_error>& errors);

} // namespace waybill::http
