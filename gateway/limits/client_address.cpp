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
  if (text.starts_with('['))
    return parse(text.substr(1, text.find(']') == std::string_view::npos ? 0 : text.find(']') - 1));
  if (std::count(text.begin(), text.end(), ':') == 1)
    text = text.substr(0, text.find(':'));
  return parse(text);
}

bool is_token_character(char c) noexcept {
  constexpr std::string_view others = "!#$%&'*+-.^_`|~";
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
         || others.find(c) != std::string_view::npos;
}

void skip_blanks(std::string_view& text) noexcept {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t'))
    text.remove_prefix(1);
}

std::string_view take_token(std::string_view& text) noexcept {
  const auto* end = std::find_if_not(text.begin(), text.end(), is_token_character);
  const auto token = text.substr(0, static_cast<std::size_t>(end - text.begin()));
  text.remove_prefix(token.size());
  return token;
}

/// A token or a quoted string, without quotes and escapes; nothing for what is neither. Many write IPv6 addresses and
/// ports without the quotes that they need: brackets and colons are taken too.
std::optional<std::string> take_value(std::string_view& text) {
  if (!text.starts_with('"')) {
    const auto fits = [](char c) { return is_token_character(c) || c == ':' || c == '[' || c == ']'; };
    const auto* end = std::find_if_not(text.begin(), text.end(), fits);
    std::string value{text.begin(), end};
    text.remove_prefix(value.size());
    return value.empty() ? std::nullopt : std::optional{std::move(value)};
  }
  const auto close = end_of_quoted(text, 0);
  if (close == 0)
    return std::nullopt;
  std::string value;
  for (std::size_t i = 1; i < close; ++i) {
    if (text[i] == '\\')
      ++i;
    value += text[i];
  }
  text.remove_prefix(close + 1);
  return value;
}

/// Takes one element off a list of Forwarded (RFC 7239, section 4) with what follows up to the next one, and gives the
/// value of its `for=`; nothing when there is none, when there are two, or when it is malformed. An element that is
/// malformed ends at its first comma: an open quote that a client wrote must not hide what a proxy wrote behind it.
std::optional<std::string> take_forwarded_for(std::string_view& list) {
  const auto from_here = list;
  std::optional<std::string> node;
  bool good = true;
  for (bool more = true; more && good;) {
    skip_blanks(list);
    const auto name = take_token(list);
    if (!name.empty() || list.starts_with('=')) {
      good = !name.empty() && list.starts_with('=');
      if (good)
        list.remove_prefix(1);
      auto value = good ? take_value(list) : std::nullopt;
      good = value.has_value();
      if (good && same_letters(name, "for")) {
        good = !node;
        node = std::move(value);
      }
    }
    skip_blanks(list);
    more = list.starts_with(';');
    if (more)
      list.remove_prefix(1);
  }
  if (good && (list.empty() || list.starts_with(','))) {
    list.remove_prefix(list.empty() ? 0 : 1);
    return node;
  }
  list = from_here.substr(std::min(from_here.find(','), from_here.size() - 1) + 1);
  return std::nullopt;
}

/// The addresses that a header lists, each that cannot be read as nothing. In X-Forwarded-For nothing is quoted.
std::vector<std::optional<ip_address>> listed_addresses(std::string_view header, forwarded_header kind) {
  std::vector<std::optional<ip_address>> listed;
  for (;;) {
    // Empty elements are none (RFC 9110, section 5.6.1).
    header.remove_prefix(std::min(header.find_first_not_of(" \t,"), header.size()));
    if (header.empty())
      return listed;
    if (kind == forwarded_header::forwarded) {
      const auto node = take_forwarded_for(header);
      listed.push_back(node ? parse_node(*node) : std::nullopt);
      continue;
    }
    const auto item = header.substr(0, header.find(','));
    header.remove_prefix(item.size());
    listed.push_back(parse_node(trim(item)));
  }
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
  const auto listed = listed_addresses(header, kind);
  for (auto next = listed.rbegin(); next != listed.rend() && trusted.contains(client); ++next) {
    if (!*next)
      break;
    client = **next;
  }
  return client;
}

std::string address_key(const request& req, const ip_address& peer, const gateway_config& config) {
  const bool forwarded = req.headers.has(field::x_forwarded_for) || req.headers.has(field::forwarded);
  if (peer.is_loopback() && !forwarded && !config.limit_loopback)
    return {};
  const auto network = network_of(req.client);
  return {reinterpret_cast<const char*>(&network), sizeof network};
}

std::string asker_of(const request& req) {
  return req.caller.authenticated ? req.caller.id : req.client.to_string();
}

std::string rate_key(const request& req, const ip_address& peer, const gateway_config& config) {
  return req.caller.authenticated ? req.caller.id : address_key(req, peer, config);
}

} // namespace waybill::http
