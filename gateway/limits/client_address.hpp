#pragma once

#include "gateway/config.hpp"
#include "gateway/http/header_fields.hpp"
#include "gateway/trusted_proxies.hpp"

#include <cstdint>
#include <string>
#include <string_view>

/// Whose connection or request it is, as far as addresses tell.
namespace waybill::http {

struct request;

/// What the limits by address count as one client: an IPv4 address, or the first 64 bits of an IPv6 address, which one
/// network shares (RFC 6177).
std::uint64_t network_of(const ip_address& address);

/// The client behind `peer`: of the addresses that `header` lists and `peer` at their end, the rightmost that is not
/// trusted, because everything left of it may be made up (RFC 7239, section 8.1). For example, with the proxy 10.0.0.1
/// trusted, `X-Forwarded-For: 1.1.1.1, 2.2.2.2` from 10.0.0.1 gives 2.2.2.2. When a trusted proxy sends nothing that
/// can be read, the proxy itself. `header` is the value of X-Forwarded-For or of Forwarded.
ip_address client_address(const ip_address& peer, std::string_view header, forwarded_header kind,
                          const trusted_proxies& trusted);

/// The header field that trusted proxies write.
constexpr field header_of(forwarded_header kind) noexcept {
  return kind == forwarded_header::forwarded ? field::forwarded : field::x_forwarded_for;
}

/// The key of the bucket of the address that a request comes from. Empty when the request is not limited by it: it
/// comes from this machine, was not forwarded, and `limit_loopback` is off.
std::string address_key(const request& req, const ip_address& peer, const gateway_config& config);

/// The key of the bucket that a request is charged to: the id of the caller when it has shown a valid token, else its
/// address_key.
std::string rate_key(const request& req, const ip_address& peer, const gateway_config& config);

/// Who pays when the event log is read for this request (read_feed): the same, but nobody reads without limit.
std::string asker_of(const request& req);

} // namespace waybill::http
