#include "gateway/config.hpp"

#include "gateway/trusted_proxies.hpp"

#include <boost/asio/ip/address.hpp>

namespace waybill {

namespace {

bool is_ip(const std::string& text) {
  boost::system::error_code error;
  boost::asio::ip::make_address(text, error);
  return !error;
}

std::string check_rates(const gateway_config& config) {
  for (const auto& limit :
       {config.rates.reads, config.rates.writes, config.rates.auth, config.rates.streams, config.rates.frames})
    if (limit.quota != 0 && (limit.window < std::chrono::seconds{1} || limit.window > std::chrono::hours{24}))
      return "the window of a rate limit must be one second to one day";
  if (config.rates.remembered < 64)
    return "the rate limits must remember at least 64 callers";
  if (config.max_connections_per_address == 0 || config.max_handshakes == 0 || config.max_headers == 0)
    return "the HTTP limits of connections of an address, handshakes and headers must be at least 1";
  if (http::trusted_proxies networks; !networks.add(config.trusted_proxies))
    return "the trusted proxies must be IP addresses or networks such as 10.0.0.0/8";
  return {};
}

} // namespace

std::string gateway_config::validate() const {
  boost::system::error_code error;
  const auto ip = boost::asio::ip::make_address(address, error);
  if (error)
    return "the HTTP address '" + address + "' is not an IP address";
  if (!ip.is_loopback() && !auth_required && !insecure)
    return "the HTTP address '" + address + "' is not loopback, and there is no authentication: insecure must be on";
  for (const auto& listener : {ops, redirect})
    if (listener && !is_ip(listener->address))
      return "the address '" + listener->address + "' is not an IP address";
  if (ops_only && !ops)
    return "without HTTP for clients there must be an address for operators";
  if (auto wrong = check_rates(*this); !wrong.empty())
    return wrong;
  if (threads == 0 || threads > 256)
    return "the number of HTTP threads must be 1 to 256";
  if (body_limit < 1024 || header_limit < 1024 || target_limit < 256)
    return "the HTTP limits are too small: body and head take at least 1024 octets, the target 256";
  if (max_connections == 0 || max_in_flight == 0 || max_subscriptions == 0 || max_subscribers == 0)
    return "the HTTP limits of connections, requests and subscriptions must be at least 1";
  if (max_buffered < body_limit)
    return "the HTTP limit of buffered octets must have room for one body";
  for (auto value : {idle_timeout, header_timeout, body_timeout, handshake_timeout, write_timeout, request_timeout,
                     attempt_timeout, guard_timeout, heartbeat, drain_timeout})
    if (value <= milliseconds::zero() || value > std::chrono::hours{1})
      return "HTTP time-outs must be more than zero and at most one hour";
  for (auto value : {target_latency, drain_delay})
    if (value < milliseconds::zero() || value > std::chrono::hours{1})
      return "the HTTP target latency and drain delay must be at most one hour";
  return {};
}

} // namespace waybill
