#pragma once

#include "gateway/config.hpp"
#include "gateway/http/problem.hpp"
#include "gateway/http/request.hpp"

#include <string>
#include <utility>
#include <vector>

namespace waybill::http {

/// How a response is written.
struct answer_form {
  bool http_1_0 = false;
  bool keep_alive = true;
  /// HEAD: all headers, no body.
  bool head_only = false;
};

/// The octets of a response, with the headers that every response has.
std::string to_text(const response& answer, const request& req, const answer_form& form, const gateway_config& config);

/// The head of a response whose body has no known end (Server-Sent Events); the connection ends with it.
std::string stream_head(const request& req, const gateway_config& config);

/// The headers that every response has, for the answer to an upgrade, which others write.
std::vector<std::pair<std::string, std::string>> common_headers(const request& req, const gateway_config& config);

response to_response(const problem& error, const request& req);

/// The answer to OPTIONS: the methods of the path, and for pages of allowed origins the headers that they may send.
response options_response(const request& req, const std::string& allowed, const gateway_config& config);

/// Whether pages of `origin` may call the gateway: it is our own host, or one of the allowed origins.
bool origin_allowed(std::string_view origin, std::string_view host, const gateway_config& config);

} // namespace waybill::http
