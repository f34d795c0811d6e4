#pragma once

#include <boost/asio/ip/address.hpp>

#include <array>
#include <string>
#include <vector>

namespace waybill::http {

using ip_address = boost::asio::ip::address;

/// An IPv4 address that was written as an IPv6 one (`::ffff:192.0.2.1`) as IPv4.
ip_address plain(const ip_address& address);

/// The 128 bits of an address; an IPv4 address in its place within IPv6 (RFC 4291, section 2.5.5.2).
std::array<unsigned char, 16> bits_of(const ip_address& address);

/// The networks of the proxies whose Forwarded or X-Forwarded-For header is believed.
class trusted_proxies {
public:
  /// Adds `10.0.0.0/8`, `fd00::/8` or single addresses. False when one of them is no address or network; then those
  /// before it have been added.
  [[nodiscard]] bool add(const std::vector<std::string>& networks);

  [[nodiscard]] bool contains(const ip_address& address) const;

private:
  struct network {
    std::array<unsigned char, 16> prefix;
    /// How many of the bits count.
    unsigned length;
  };
  std::vector<network> networks_;
};

} // namespace waybill::http
