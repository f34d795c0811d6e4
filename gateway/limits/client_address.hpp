#pragma once

#include "gateway/config.hpp"

#include <boost/asio/ip/address.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// Whose connection or request it is, as far as addresses tell.
namespace waybill::http {

using ip_address = boost::asio::ip::address;

/// An IPv4 address that came as an IPv6 one is told as what it is.
ip_address plain(const ip_address& of);

/// What counts as one party: an IPv4 address, or the 64 bits of an IPv6 address that its network chose (RFC 6177).
std::uint64_t party_of(const ip_address& of);

/// The networks whose word about others is believed.
class trusted_proxies {
public:
  /// False when one of them is no address or network; then nothing is sure about the others.
  [[nodiscard]] bool add(const std::vector<std::string>& networks);

  [[nodiscard]] bool contains(const ip_address& who) const;

private:
  /// Addresses as 128 bits, with how many of them count.
  struct network {
    std::array<unsigned char, 16> prefix;
    unsigned length;
  };
  std::vector<network> networks_;
};

/// The client behind `peer`: of the addresses that `header` lists and `peer` at their end, the rightmost that is not
/// trusted, because what stands left of it may be made up (RFC 7239, section 8.1). Where a trusted proxy tells
/// nothing that can be read, the proxy itself. `header` is the value of X-Forwarded-For or of Forwarded.
ip_address client_address(const ip_address& peer, std::string_view header, forwarded_header kind,
                          const trusted_proxies& trusted);

struct request;

/// The field that trusted proxies speak in.
constexpr std::string_view header_of(forwarded_header kind) noexcept {
  return kind == forwarded_header::forwarded ? "Forwarded" : "X-Forwarded-For";
}

/// Whose tokens a request takes: the user's when it is a known one, else those of its address. Empty for what is not
/// limited: clients on this machine, unless the request was forwarded or they are to be limited too.
std::string rate_key(const request& req, const ip_address& peer, const gateway_config& config);

} // namespace waybill::http
