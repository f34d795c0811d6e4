#include "transport/endpoint.hpp"

#include "domain/base/number.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <netinet/in.h>

namespace waybill {

namespace {

/// `4890` and `:4890`; empty: it is not the port alone.
std::string_view lonely_port(std::string_view text) {
  const auto port = text.substr(text.starts_with(':') ? 1 : 0);
  return port.find_first_not_of("0123456789") == std::string_view::npos ? port : std::string_view{};
}

std::string with_port(std::string_view host, std::string_view port) {
  return std::string{host} + ':' + std::string{port};
}

std::string any_address(std::string_view example) {
  return "an address and a port, such as " + std::string{example};
}

} // namespace

std::optional<endpoint> parse_endpoint(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos)
    return std::nullopt;
  auto host = text.substr(0, colon);
  const auto digits = text.substr(colon + 1);
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (bracketed)
    host = host.substr(1, host.size() - 2);
  const bool plain =
    std::ranges::all_of(host, [](unsigned char c) { return c > 0x20 && c < 0x7F && c != '/' && c != '@'; });
  if (host.empty() || !plain || (!bracketed && host.find(':') != std::string_view::npos))
    return std::nullopt;
  const auto port = parse_number<std::uint16_t>(digits);
  if (!port)
    return std::nullopt;
  return endpoint{std::string{host}, *port};
}

std::string to_string(const endpoint& address) {
  const bool v6 = address.host.find(':') != std::string::npos;
  return (v6 ? '[' + address.host + ']' : address.host) + ':' + std::to_string(address.port);
}

std::string expected_address(std::string_view text, std::string_view example) {
  const auto port = lonely_port(text);
  if (port.empty())
    return any_address(example);
  return "an address and a port: " + with_port("127.0.0.1", port) + " for this machine only, "
         + with_port("0.0.0.0", port) + " for everybody who can reach it";
}

std::string expected_target(std::string_view text, std::string_view example) {
  const auto port = lonely_port(text);
  if (port.empty())
    return any_address(example);
  return "an address and a port: " + with_port("127.0.0.1", port) + " for this machine, or another one's name instead";
}

bool is_loopback(const endpoint& address) {
  in_addr v4{};
  if (::inet_pton(AF_INET, address.host.c_str(), &v4) == 1)
    return (ntohl(v4.s_addr) >> 24) == 127;
  return address.host == "::1" || address.host == "localhost";
}

bool is_wildcard(const endpoint& address) {
  return address.host == "0.0.0.0" || address.host == "::";
}

} // namespace waybill
