#include "gateway/trusted_proxies.hpp"

#include "domain/base/number.hpp"

#include <algorithm>
#include <string_view>

namespace waybill::http {

namespace {

namespace ip = boost::asio::ip;

/// Where an IPv4 address begins within IPv6.
constexpr unsigned v4_offset = 96;

} // namespace

ip_address plain(const ip_address& address) {
  if (address.is_v6() && address.to_v6().is_v4_mapped())
    return ip::make_address_v4(ip::v4_mapped, address.to_v6());
  return address;
}

std::array<unsigned char, 16> bits_of(const ip_address& address) {
  if (address.is_v6())
    return address.to_v6().to_bytes();
  return ip::make_address_v6(ip::v4_mapped, address.to_v4()).to_bytes();
}

bool trusted_proxies::add(const std::vector<std::string>& networks) {
  for (const std::string_view text : networks) {
    const auto slash = text.find('/');
    boost::system::error_code error;
    const auto address = plain(ip::make_address(std::string{text.substr(0, slash)}, error));
    if (error)
      return false;
    const unsigned offset = address.is_v4() ? v4_offset : 0;
    unsigned length = 128 - offset;
    if (slash != std::string_view::npos) {
      const auto given = parse_number<unsigned>(text.substr(slash + 1));
      if (!given || *given > length)
        return false;
      length = *given;
    }
    networks_.push_back({bits_of(address), offset + length});
  }
  return true;
}

bool trusted_proxies::contains(const ip_address& address) const {
  if (networks_.empty())
    return false;
  const auto bits = bits_of(address);
  return std::ranges::any_of(networks_, [&](const network& trusted) {
    const auto whole = trusted.length / 8;
    if (!std::equal(bits.begin(), bits.begin() + whole, trusted.prefix.begin()))
      return false;
    const auto rest = trusted.length % 8;
    return rest == 0 || ((bits[whole] ^ trusted.prefix[whole]) >> (8 - rest)) == 0;
  });
}

} // namespace waybill::http
