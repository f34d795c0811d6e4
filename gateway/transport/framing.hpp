#pragma once

#include "gateway/config.hpp"
#include "gateway/http/problem.hpp"
#include "gateway/http/request.hpp"

#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>

#include <string_view>

/// What makes a request's head one that every server on its way reads alike, so that nobody can smuggle a second
/// request inside of it. The parser has refused the rest already: other versions, conflicting or malformed lengths, a
/// length together with a transfer coding, malformed fields.
namespace waybill::http {

using request_head = beast_http::request_header<fields>;

/// Throws a problem: 431 for too many fields, 417 for an unknown expectation, 501 for a transfer coding other than
/// chunked, 400 for one in HTTP/1.0 (RFC 9112, section 6.1).
void check_framing(const request_head& head, const gateway_config& config);

/// Beast's parser (Boost 1.81) takes the end of a chunked body, `0` and two line ends, only as a whole: with assertions
/// on a client that sends it octet by octet would end the process. Behind every octet of such a body come at least as
/// many.
inline constexpr std::size_t least_of_chunks = 5;

/// Throws a problem with status 400 unless there is exactly one Host, or none in HTTP/1.0, and it is the name or
/// address of a host with an optional port (RFC 9112, section 3.2).
void check_host(const request_head& head);

/// Whom the request is meant for: of an absolute target its authority, else Host (RFC 9112, section 3.2.2).
std::string_view host_of(const request_head& head) noexcept;

/// What is wrong with octets that are not a request that we take.
problem unreadable(error_code why);

} // namespace waybill::http
