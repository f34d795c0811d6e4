#pragma once

#include <boost/asio/ip/address.hpp>

namespace waybill::outbound {

/// Whether `address` belongs to the public internet. Not public are the networks of the IANA special-purpose registries
/// (RFC 6890 and its updates) that are not globally reachable, multicast, addresses that contain another one (IPv4 in
/// IPv6, 6to4, Teredo, NAT64), and IPv6 outside of 2000::/3. Pure.
bool is_public(const boost::asio::ip::address& address) noexcept;

} // namespace waybill::outbound
