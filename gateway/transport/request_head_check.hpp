#pragma once

#include "gateway/config.hpp"
#include "gateway/http/problem.hpp"
#include "gateway/http/request.hpp"

#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>

#include <string_view>

/// Refuses heads that two servers might read differently, so that nobody can smuggle a second request inside of one.
/// The parser has already refused the rest: other versions, conflicting or malformed lengths, a length together with a
/// transfer coding, malformed fields.
namespace waybill::http {

namespace beast_http = boost::beast::http;

using http_message = beast_http::request<beast_http::string_body>;
using request_head = beast_http::request_header<beast_http::fields>;

/// Sets the method and the headers of `to`, which hold views into `head`.
void read_head(const request_head& head, request& to);

/// Throws a problem: 431 for too many fields, 417 for an unknown expectation, 501 for a transfer coding other than
/// chunked, 400 for one in HTTP/1.0 (RFC 9112, section 6.1).
void check_request_head(const request_head& head, const gateway_config& config);

/// Whether the client waits for `100 Continue` before it sends the body; check_request_head has refused all else that
/// may be expected.
bool awaits_continue(const request_head& head);

/// Beast's parser (Boost 1.81) takes the end of a chunked body, `0` and two line ends, only as a whole: with assertions
/// on a client that sends it octet by octet would end the process. So the parser gets no fewer octets than these: after
/// every octet of such a body at least as many follow.
inline constexpr std::size_t least_of_chunks = 5;

/// Throws a problem with status 400 unless there is exactly one Host, or none in HTTP/1.0, and it is the name or
/// address of a host with an optional port (RFC 9112, section 3.2).
void check_host(const request_head& head);

/// The host that the request is meant for: the authority of an absolute target, else Host (RFC 9112, section 3.2.2).
std::string_view host_of(const request_head& head) noexcept;

/// The problem for octets that cannot be read as a request.
problem unreadable(boost::system::error_code error);

} // namespace waybill::http
