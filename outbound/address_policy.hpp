#pragma once

#include <boost/asio/ip/address.hpp>

namespace waybill::outbound {

/// Whether `address` is one of the public internet: none of the IANA special-purpose registries (RFC 6890 and its
/// updates) that is not globally reachable, no multicast and no address that leads to another one (IPv4 in IPv6, 6to4,
/// Teredo, NAT64). What the registries do not know is not public. Pure.
bool is_public(const boost::asio::ip::address& address) noexcept;

} // namespace waybill::outbound
