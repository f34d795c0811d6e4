#pragma once

#include "gateway/http/json_body.hpp"
#include "messages/journal/event_log.hpp"

#include <optional>
#include <string>
#include <vector>

namespace waybill::http {

/// The frame `{"type":"subscribe","id","filter":{"types","order","customer"},"after"}`.
struct subscribe_frame {
  std::string id;
  /// Nothing: begins with new events, or with the oldest that are kept.
  std::optional<log_position> after;
  bool from_earliest = false;
  event_filter filter;
};

/// Adds everything that is wrong to `errors`.
subscribe_frame read_subscription_frame(const boost::json::value& frame, std::vector<field_error>& errors);

} // namespace waybill::http
