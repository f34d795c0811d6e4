#include "gateway/transport/allowed_host.hpp"

#include "gateway/http/text.hpp"

#include <boost/asio/ip/address.hpp>

#include <algorithm>
#include <optional>
#include <string>

namespace waybill::http {

namespace {

std::optional<boost::asio::ip::address> parse_ip(const std::string& text) {
  boost::system::error_code error;
  const auto address = boost::asio::ip::make_address(text, error);
  return error ? std::nullopt : std::optional{address};
}

} // namespace

bool host_allowed(std::string_view host, listener_kind kind, const gateway_config& config) {
  const bool open = config.insecure || config.auth_required;
  bool local = !open;
  if (kind == listener_kind::operators) {
    const auto ip = parse_ip(config.ops->address);
    local = ip && ip->is_loopback();
  }
  if (!local || host.empty())
    return true;
  auto name = host;
  if (name.starts_with('['))
    name = name.substr(1, name.find(']') - 1);
  else
    name = name.substr(0, name.find(':'));
  if (const auto ip = parse_ip(std::string{name}))
    return ip->is_loopback();
  if (same_letters(name, "localhost"))
    return true;
  return std::any_of(config.allowed_origins.begin(), config.allowed_origins.end(), [&](std::string_view origin) {
    const auto scheme = origin.find("://");
    return scheme != std::string_view::npos && same_letters(origin.substr(scheme + 3), host);
  });
}

} // namespace waybill::http
