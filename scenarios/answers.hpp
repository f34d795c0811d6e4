#pragma once

#include "outbound/tool_client.hpp"

#include <boost/json/value.hpp>

#include <string>

/// Reading the server's answers in a run. What is not as it should be throws std::runtime_error with a sentence.
namespace waybill::scenarios {

/// The status of an answer that may be asked for again (RFC 9110, 15.6.4).
inline constexpr unsigned service_unavailable = 503;

[[noreturn]] void give_up(const std::string& why);

/// The body, which must be an object; `what` names the request.
boost::json::value parse(const outbound::response& answer, const std::string& what);

/// The text member `key`, or nothing.
std::string text_of(const boost::json::value& object, const char* key);

/// A problem's code and detail, or nothing.
std::string problem_of(const outbound::response& answer);

[[noreturn]] void surprised_by(const std::string& what, const outbound::response& answer);

} // namespace waybill::scenarios
