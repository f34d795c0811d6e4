#include "outbound/http_url.hpp"

#include "domain/base/errors.hpp"
#include "domain/base/number.hpp"

#include <boost/url/encode.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/pct_string_view.hpp>
#include <boost/url/rfc/unreserved_chars.hpp>
#include <boost/url/url_view.hpp>


namespace waybill::outbound {

namespace {

constexpr std::uint16_t default_port(bool secure) noexcept {
  return secure ? 443 : 80;
}

std::string host_of(const http_url& url) {
  return url.host.find(':') == std::string::npos ? url.host : '[' + url.host + ']';
}

/// Zero when it is not a port.
std::uint16_t read_port(std::string_view text) {
  return parse_number<std::uint16_t>(text).value_or(0);
}

} // namespace

std::string http_url::authority() const {
  auto text = host_of(*this);
  if (port != default_port(secure))
    text += ':' + std::to_string(port);
  return text;
}

std::string http_url::origin() const {
  return (secure ? "https://" : "http://") + host_of(*this) + ':' + std::to_string(port);
}

http_url http_url::below(std::string_view path) const {
  auto made = *this;
  made.target = made.target.substr(0, made.target.find('?'));
  while (made.target.ends_with('/'))
    made.target.pop_back();
  made.target += path;
  return made;
}

result<http_url> parse_http_url(std::string_view text) {
  // The text may hold a password: it is not part of what is said.
  const auto refuse = [](const char* why) {
    return failure{ec::invalid_argument, std::string{"not a usable URL: "} + why};
  };
  const auto parsed = boost::urls::parse_uri(text);
  if (!parsed || (parsed->scheme() != "http" && parsed->scheme() != "https"))
    return refuse("expected http:// or https:// and a host");
  if (parsed->has_userinfo() || parsed->has_fragment())
    return refuse("user names, passwords and fragments have no place in it");
  http_url url;
  url.secure = parsed->scheme() == "https";
  url.host = parsed->host_address();
  if (url.host.empty())
    return refuse("there is no host");
  url.port = parsed->has_port() ? read_port(parsed->port()) : default_port(url.secure);
  if (url.port == 0)
    return refuse("the port is not one");
  url.target = std::string{parsed->encoded_path()};
  if (!url.target.empty() && !url.target.starts_with('/'))
    return refuse("the host or the port is not one");
  if (url.target.empty())
    url.target = "/";
  if (parsed->has_query())
    url.target += '?' + std::string{parsed->encoded_query()};
  return url;
}

std::string percent_encode(std::string_view value) {
  return boost::urls::encode(value, boost::urls::unreserved_chars);
}

std::string percent_decode(std::string_view value) {
  const auto checked = boost::urls::make_pct_string_view(value);
  return checked ? checked->decode() : std::string{value};
}

} // namespace waybill::outbound
