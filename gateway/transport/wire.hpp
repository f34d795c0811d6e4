#pragma once

#include "gateway/config.hpp"
#include "gateway/http/problem.hpp"
#include "gateway/http/request.hpp"
#include "gateway/transport/listener_kind.hpp"

#include <string>

namespace waybill::http {

/// How a response goes out.
struct wire_form {
  bool http_1_0 = false;
  bool keep_alive = true;
  /// HEAD: all headers, no body.
  bool head_only = false;
};

/// The octets of a response, with the headers that every response has.
std::string to_wire(const response& what, const request& req, const wire_form& form, const gateway_config& config);

/// The head of a response whose body has no known end (Server-Sent Events); the connection ends with it.
std::string stream_head(const request& req, const gateway_config& config);

response to_response(const problem& what, const request& req);

/// The answer to OPTIONS: what the path allows, and what pages of allowed origins may do with it.
response options_response(const request& req, const std::string& allowed, const gateway_config& config);

/// Whether pages of `origin` may call us: it is our own host, or on the list.
bool origin_allowed(std::string_view origin, std::string_view host, const gateway_config& config);

/// Whether a request for `host` that came `through` is meant for us. Without authentication any page in a browser of
/// this machine could otherwise reach us by a name of its own that it lets point to 127.0.0.1 (DNS rebinding).
bool host_allowed(std::string_view host, listener_kind kind, const gateway_config& config);

} // namespace waybill::http
