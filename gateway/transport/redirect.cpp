#include "gateway/transport/redirect.hpp"

#include <string>

namespace waybill::http {

namespace {

constexpr std::uint16_t https_port = 443;

/// Without the port, in brackets if it is an IPv6 address.
std::string_view host_name(std::string_view host) noexcept {
  return host.starts_with('[') ? host.substr(0, host.find(']') + 1) : host.substr(0, host.find(':'));
}

/// The path and the query, also of an absolute target, whose path may be missing (RFC 9112, section 3.2.2).
std::string path_of(std::string_view target) {
  if (target.starts_with('/'))
    return std::string{target};
  const auto authority = target.find("://");
  if (authority == std::string_view::npos)
    throw problem{400, "validation_failed", "the request target is not well-formed", {}, {}};
  const auto path = std::min(target.find_first_of("/?", authority + 3), target.size());
  return target.substr(path).starts_with('/') ? std::string{target.substr(path)}
                                              : '/' + std::string{target.substr(path)};
}

} // namespace

response to_https(const request_head& head, const gateway_config& config, std::uint16_t http_port) {
  const auto host = host_name(host_of(head));
  if (host.empty())
    throw problem{
      400, "validation_failed", "only HTTPS is supported, and the request has no Host to redirect to", {}, {}};
  const auto port = config.redirect_port != 0 ? config.redirect_port : http_port;
  const auto target = head.target();
  std::string location = "https://" + std::string{host};
  if (port != https_port)
    location += ':' + std::to_string(port);
  response result;
  result.status = 308;
  result.set("Location", location.append(path_of({target.data(), target.size()})));
  return result;
}

} // namespace waybill::http
