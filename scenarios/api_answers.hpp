#pragma once

#include "outbound/api_client.hpp"

#include <boost/json/value.hpp>

#include <string>

/// Reads the server's answers. Throws std::runtime_error with a sentence when one is not as it should be.
namespace waybill::scenarios {

/// The request may be sent again (RFC 9110, 15.6.4).
inline constexpr unsigned service_unavailable = 503;

[[noreturn]] void give_up(const std::string& why);

/// The body, which must be an object; `request` is for the error.
boost::json::value parse(const outbound::http_response& answer, const std::string& request);

/// The text member `key`; empty when there is none.
std::string text_of(const boost::json::value& object, const char* key);

/// Code and detail of a problem document; empty when there are none.
std::string problem_of(const outbound::http_response& answer);

[[noreturn]] void give_up_on(const std::string& request, const outbound::http_response& answer);

} // namespace waybill::scenarios
