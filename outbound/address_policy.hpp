#pragma once

#include <boost/asio/ip/address.hpp>

#include <optional>
#include <string_view>

namespace waybill::outbound {

/// Whether `address` belongs to the public internet. Not public are the networks of the IANA special-purpose registries
/// (RFC 6890 and its updates) that are not globally reachable, multicast, addresses that contain another one (IPv4 in
/// IPv6, 6to4, Teredo, NAT64), and IPv6 outside of 2000::/3. Pure.
bool is_public(const boost::asio::ip::address& address) noexcept;

/// The address that `host` stands for without a look-up: the forms of RFC 4291 section 2.2, and those that inet_aton(3)
/// and so most resolvers take for IPv4 ("127.1", "0x7f000001", "2130706433"). None for a name. Pure.
std::optional<boost::asio::ip::address> address_in(std::string_view host);

/// Whether `host` is a name that the public DNS does not have: a single label ("intranet"), or one below a top-level
/// domain that is reserved for private use (RFC 6761, 6762, 7686, 8375; ICANN's "internal"). Case and a last full stop
/// do not matter. Pure.
bool is_private_name(std::string_view host);

} // namespace waybill::outbound
