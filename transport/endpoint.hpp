#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace waybill {

/// A host name or address, and a TCP port; port zero lets the system choose where that makes sense.
struct endpoint {
  std::string host;
  std::uint16_t port = 0;
  friend bool operator==(const endpoint&, const endpoint&) = default;
};

/// Reads `host:port`, `[::1]:port`; nothing for any other text.
std::optional<endpoint> parse_endpoint(std::string_view text);

std::string to_string(const endpoint& address);

/// What an address to listen on must be; for those who gave the port alone, what is missing.
std::string expected_address(std::string_view text, std::string_view example);

/// The same for the address of a node that is called.
std::string expected_target(std::string_view text, std::string_view example);

/// 127.0.0.0/8, ::1 and `localhost`.
bool is_loopback(const endpoint& address);

/// 0.0.0.0 and ::, which nobody can connect to.
bool is_wildcard(const endpoint& address);

} // namespace waybill
