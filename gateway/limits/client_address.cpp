#include "gateway/limits/client_address.hpp"

#include "gateway/http/request.hpp"
#include "gateway/http/text.hpp"

#include <algorithm>
#include <cstring>
#include <optional>
#include <vector>

namespace waybill::http {

namespace {

std::optional<ip_address> parse(std::string_view text) {
  boost::system::error_code error;
  const auto address = boost::asio::ip::make_address(std::string{text}, error);
  return error ? std::nullopt : std::optional{plain(address)};
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

std::uint64_t network_of(const ip_address& address) {
  const auto client = plain(address);
  const auto bits = bits_of(client);
  const auto* begin = bits.data();
  if (client.is_v4())
    begin += 8;
  std::uint64_t network = 0;
  std::memcpy(&network, begin, sizeof network);
  return network;
}

ip_address client_address(const ip_address& peer, std::string_view header, forwarded_header kind,
                          const trusted_proxies& trusted) {
  auto client = plain(peer);
  std::vector<std::string_view> listed;
  for_each_item(header, [&](std::string_view item) {
    listed.push_back(kind == forwarded_header::forwarded ? for_parameter(item) : item);
  });
  for (auto next = listed.rbegin(); next != listed.rend() && trusted.contains(client); ++next) {
    const auto before = parse_node(*next);
    if (!before)
      break;
    client = *before;
  }
  return client;
}

std::string rate_key(const request& req, const ip_address& peer, const gateway_config& config) {
  if (req.caller.authenticated)
    return req.caller.id;
  const bool forwarded = !req.header("X-Forwarded-For").empty() || !req.header("Forwarded").empty();
  if (peer.is_loopback() && !forwarded && !config.limit_loopback)
    return {};
  const auto network = network_of(req.client);
  return {reinterpret_cast<const char*>(&network), sizeof network};
}

std::string asker_of(const request& req) {
  return req.caller.authenticated ? req.caller.id : req.client.to_string();
}

} // namespace waybill::http
