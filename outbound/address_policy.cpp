#include "outbound/address_policy.hpp"

#include <arpa/inet.h>
#include <boost/algorithm/string/case_conv.hpp>
#include <boost/asio/ip/address.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>

namespace waybill::outbound {

namespace {

using boost::asio::ip::address_v4;
using boost::asio::ip::address_v6;

struct network_v4 {
  std::uint32_t address = 0;
  unsigned bits = 0;
};

constexpr std::uint32_t v4(unsigned a, unsigned b, unsigned c, unsigned d) {
  return (a << 24U) | (b << 16U) | (c << 8U) | d;
}

/// IANA IPv4 Special-Purpose Address Registry, multicast and reserved addresses.
constexpr std::array<network_v4, 16> special_v4{{
  {v4(0, 0, 0, 0), 8},       // "this network", RFC 791
  {v4(10, 0, 0, 0), 8},      // private, RFC 1918
  {v4(100, 64, 0, 0), 10},   // shared by carriers (CGNAT), RFC 6598
  {v4(127, 0, 0, 0), 8},     // loopback, RFC 1122
  {v4(169, 254, 0, 0), 16},  // link-local, RFC 3927; clouds keep their metadata there
  {v4(172, 16, 0, 0), 12},   // private
  {v4(192, 0, 0, 0), 24},    // protocol assignments, RFC 6890
  {v4(192, 0, 2, 0), 24},    // documentation, RFC 5737
  {v4(192, 88, 99, 0), 24},  // 6to4 relays, RFC 7526
  {v4(192, 168, 0, 0), 16},  // private
  {v4(198, 18, 0, 0), 15},   // benchmarks, RFC 2544
  {v4(198, 51, 100, 0), 24}, // documentation
  {v4(203, 0, 113, 0), 24},  // documentation
  {v4(192, 31, 196, 0), 24}, // AS112, RFC 7535: answers for private names
  {v4(192, 175, 48, 0), 24}, // AS112, RFC 7534
  {v4(224, 0, 0, 0), 3},     // multicast, RFC 5771; reserved, RFC 1112; broadcast
}};

bool is_public_v4(const address_v4& address) noexcept {
  const auto number = address.to_uint();
  return std::none_of(special_v4.begin(), special_v4.end(), [number](const network_v4& network) {
    return (number >> (32U - network.bits)) == (network.address >> (32U - network.bits));
  });
}

struct network_v6 {
  std::array<std::uint8_t, 8> address;
  unsigned bits = 0;
};

/// Within 2000::/3, the only unicast addresses that are allocated (RFC 4291): IANA IPv6 Special-Purpose Address
/// Registry.
constexpr std::array<network_v6, 5> special_v6{{
  {{0x20, 0x01, 0x00, 0x00}, 23},             // protocol assignments, RFC 2928, Teredo and ORCHID among them
  {{0x20, 0x01, 0x0d, 0xb8}, 32},             // documentation, RFC 3849
  {{0x20, 0x02}, 16},                         // 6to4, RFC 3056: an IPv4 address within
  {{0x26, 0x20, 0x00, 0x4f, 0x80, 0x00}, 48}, // AS112, RFC 7534
  {{0x3f, 0xff, 0x00, 0x00}, 20},             // documentation, RFC 9637
}};

bool is_within(const address_v6::bytes_type& octets, const network_v6& network) noexcept {
  for (unsigned bit = 0; bit < network.bits; ++bit) {
    const auto mask = static_cast<std::uint8_t>(0x80U >> (bit % 8));
    if (((octets.at(bit / 8) ^ network.address.at(bit / 8)) & mask) != 0)
      return false;
  }
  return true;
}

bool is_public_v6(const address_v6& address) noexcept {
  const auto octets = address.to_bytes();
  constexpr network_v6 global_unicast{{0x20}, 3};
  return is_within(octets, global_unicast)
         && std::none_of(special_v6.begin(), special_v6.end(),
                         [&](const network_v6& network) { return is_within(octets, network); });
}

} // namespace

bool is_public(const boost::asio::ip::address& address) noexcept {
  return address.is_v4() ? is_public_v4(address.to_v4()) : is_public_v6(address.to_v6());
}

std::optional<boost::asio::ip::address> address_in(std::string_view host) {
  boost::system::error_code code;
  const std::string text{host};
  if (auto address = boost::asio::ip::make_address(text, code); !code)
    return address;
  in_addr old_form{};
  if (!text.empty() && inet_aton(text.c_str(), &old_form) != 0)
    return address_v4{ntohl(old_form.s_addr)};
  return std::nullopt;
}

bool is_private_name(std::string_view host) {
  // Special use (RFC 6761, RFC 6762 with its appendix G, RFC 7686, RFC 9476, and arpa, which has no hosts, RFC 3172),
  // what ICANN will never delegate, and what clusters call their services.
  constexpr std::array<std::string_view, 17> private_domains{
    "localhost", "local",    "localdomain", "test", "invalid", "example", "onion", "alt", "arpa",
    "internal",  "intranet", "private",     "lan",  "corp",    "home",    "mail",  "svc"};
  if (host.ends_with('.'))
    host.remove_suffix(1);
  const auto name = boost::algorithm::to_lower_copy(std::string{host});
  if (name.find('.') == std::string::npos)
    return true;
  return std::any_of(private_domains.begin(), private_domains.end(), [&](std::string_view domain) {
    return name.ends_with('.' + std::string{domain}) || name == domain;
  });
}

} // namespace waybill::outbound
