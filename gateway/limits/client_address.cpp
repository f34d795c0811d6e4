#include "gateway/limits/client_address.hpp"

#include "gateway/http/ascii.hpp"
#include "gateway/http/request.hpp"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <optional>

namespace waybill::http {

namespace {

namespace ip = boost::asio::ip;

/// IPv4 in its place within IPv6 (RFC 4291, section 2.5.5.2).
std::array<unsigned char, 16> bits_of(const ip_address& of) {
  if (of.is_v6())
    return of.to_v6().to_bytes();
  return ip::make_address_v6(ip::v4_mapped, of.to_v4()).to_bytes();
}

constexpr unsigned v4_offset = 96;

std::optional<ip_address> parse(std::string_view text) {
  boost::system::error_code error;
  const auto made = ip::make_address(std::string{text}, error);
  return error ? std::nullopt : std::optional{plain(made)};
}

/// `192.0.2.1`, `192.0.2.1:80`, `2001:db8::1`, `[2001:db8::1]`, `[2001:db8::1]:80`.
std::optional<ip_address> parse_node(std::string_view text) {
  if (text.size() >= 2 && text.front() == '"' && text.back() == '"')
    text = text.substr(1, text.size() - 2);
  if (text.starts_with('['))
    return parse(text.substr(1, text.find(']') == std::string_view::npos ? 0 : text.find(']') - 1));
  if (std::count(text.begin(), text.end(), ':') == 1)
    text = text.substr(0, text.find(':'));
  return parse(text);
}

/// The value of `for=` in one element of Forwarded; empty without one.
std::string_view for_parameter(std::string_view element) {
  while (!element.empty()) {
    const auto pair = trim(element.substr(0, element.find(';')));
    element.remove_prefix(
      std::min(element.find(';') == std::string_view::npos ? element.size() : element.find(';') + 1, element.size()));
    if (pair.size() > 4 && same_letters(pair.substr(0, 4), "for="))
      return pair.substr(4);
  }
  return {};
}

} // namespace

ip_address plain(const ip_address& of) {
  if (of.is_v6() && of.to_v6().is_v4_mapped())
    return ip::make_address_v4(ip::v4_mapped, of.to_v6());
  return of;
}

std::uint64_t party_of(const ip_address& of) {
  const auto bits = bits_of(plain(of));
  const auto* begin = bits.data();
  if (plain(of).is_v4())
    begin += 8;
  std::uint64_t party = 0;
  std::memcpy(&party, begin, sizeof party);
  return party;
}

bool trusted_proxies::add(const std::vector<std::string>& networks) {
  for (const std::string_view text : networks) {
    const auto slash = text.find('/');
    const auto address = parse(text.substr(0, slash));
    if (!address)
      return false;
    const unsigned offset = address->is_v4() ? v4_offset : 0;
    unsigned length = 128 - offset;
    if (slash != std::string_view::npos) {
      unsigned given = 0;
      const auto* last = text.data() + text.size();
      const auto [end, error] = std::from_chars(text.data() + slash + 1, last, given);
      if (error != std::errc{} || end != last || given > length)
        return false;
      length = given;
    }
    networks_.push_back({bits_of(*address), offset + length});
  }
  return true;
}

bool trusted_proxies::contains(const ip_address& who) const {
  if (networks_.empty())
    return false;
  const auto bits = bits_of(who);
  return std::ranges::any_of(networks_, [&](const network& one) {
    const auto whole = one.length / 8;
    if (!std::equal(bits.begin(), bits.begin() + whole, one.prefix.begin()))
      return false;
    const auto rest = one.length % 8;
    return rest == 0 || ((bits[whole] ^ one.prefix[whole]) >> (8 - rest)) == 0;
  });
}

ip_address client_address(const ip_address& peer, std::string_view header, forwarded_header kind,
                          const trusted_proxies& trusted) {
  auto client = plain(peer);
  std::vector<std::string_view> told;
  for_each_item(header, [&](std::string_view item) {
    told.push_back(kind == forwarded_header::forwarded ? for_parameter(item) : item);
  });
  for (auto next = told.rbegin(); next != told.rend() && trusted.contains(client); ++next) {
    const auto before = parse_node(*next);
    if (!before)
      break;
    client = *before;
  }
  return client;
}

std::string rate_key(const request& req, const ip_address& peer, const gateway_config& config) {
  if (req.who.authenticated)
    return req.who.id;
  const bool forwarded = !req.header("X-Forwarded-For").empty() || !req.header("Forwarded").empty();
  if (peer.is_loopback() && !forwarded && !config.limit_loopback)
    return {};
  const auto party = party_of(req.client);
  return {reinterpret_cast<const char*>(&party), sizeof party};
}

} // namespace waybill::http
