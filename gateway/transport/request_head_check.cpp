#include "gateway/transport/request_head_check.hpp"

#include "gateway/http/text.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/ip/address_v6.hpp>
#include <boost/beast/http/error.hpp>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <string>

namespace waybill::http {

namespace {

constexpr std::size_t longest_host = 255 + 8;

std::string_view view(boost::beast::string_view text) noexcept {
  return {text.data(), text.size()};
}

/// Empty, or a colon with a number of a port, which may be left out (RFC 3986, section 3.2.3).
bool is_port(std::string_view text) noexcept {
  if (text.empty())
    return true;
  if (text.front() != ':')
    return false;
  text.remove_prefix(1);
  std::uint16_t port = 0;
  const auto* last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, port);
  return text.empty() || (error == std::errc{} && end == last);
}

/// A registered name, an IPv4 address, or an IPv6 address in brackets, with an optional port; whether it is ours is
/// checked by host_allowed.
bool is_host(std::string_view text) {
  if (text.size() > longest_host)
    return false;
  if (text.starts_with('[')) {
    const auto close = text.find(']');
    boost::system::error_code wrong;
    if (close != std::string_view::npos)
      boost::asio::ip::make_address_v6(std::string{text.substr(1, close - 1)}, wrong);
    return close != std::string_view::npos && !wrong && is_port(text.substr(close + 1));
  }
  const auto fits = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' || c == '-'
           || c == '_';
  };
  const auto colon = std::min(text.find(':'), text.size());
  const auto name = text.substr(0, colon);
  // A port without a host names nothing; no Host at all is for requests whose target has none.
  return (!name.empty() || text.empty()) && std::all_of(name.begin(), name.end(), fits) && is_port(text.substr(colon));
}

/// What is expected, of several lines their list; HTTP/1.0 has no expectations (RFC 9110, section 10.1.1).
bool is_met(const request_head& head) {
  bool met = true;
  if (head.version() < 11)
    return met;
  const auto [first, last] = head.equal_range(beast_http::field::expect);
  for (auto line = first; line != last; ++line)
    for_each_item(view(line->value()), [&](std::string_view item) { met = met && same_letters(item, "100-continue"); });
  return met;
}

/// Behind `http://` or `https://`; npos for what has neither in front.
std::size_t after_scheme(std::string_view target) noexcept {
  for (const std::string_view scheme : {"http://", "https://"})
    if (same_letters(target.substr(0, scheme.size()), scheme))
      return scheme.size();
  return std::string_view::npos;
}

} // namespace

void read_head(const request_head& head, request& to) {
  to.method = to_verb(view(head.method_string()));
  for (const auto& field : head)
    to.headers.add(view(field.name_string()), view(field.value()));
}

void check_request_head(const request_head& head, const gateway_config& config) {
  if (static_cast<std::size_t>(std::distance(head.begin(), head.end())) > config.max_headers)
    throw problem{431, "payload_too_large", "the request has too many header fields", {}, {}};
  if (!is_met(head))
    throw problem{417, "validation_failed", "the only supported expectation is 100-continue", {}, {}};
  const auto codings = head.count(beast_http::field::transfer_encoding);
  if (codings == 0)
    return;
  if (head.version() == 10)
    throw problem{400, "validation_failed", "HTTP/1.0 has no transfer codings", {}, {}};
  if (codings != 1 || !same_letters(head[beast_http::field::transfer_encoding], "chunked"))
    throw problem{501, "validation_failed", "the only supported transfer coding is chunked", {}, {}};
}

bool awaits_continue(const request_head& head) {
  return head.version() >= 11 && head.count(beast_http::field::expect) > 0;
}

void check_host(const request_head& head) {
  const auto hosts = head.count(beast_http::field::host);
  if (hosts > 1 || (hosts == 0 && head.version() >= 11))
    throw problem{400, "validation_failed", "a request needs exactly one Host header", {}, {}};
  if (!is_host(view(head[beast_http::field::host])) || !is_host(host_of(head)))
    throw problem{400, "validation_failed", "the Host is not the name or address of a host", {}, {}};
}

std::string_view host_of(const request_head& head) noexcept {
  const auto target = view(head.target());
  const auto begin = after_scheme(target);
  if (begin == std::string_view::npos)
    return view(head[beast_http::field::host]);
  return target.substr(begin, target.find_first_of("/?", begin) - begin);
}

problem unreadable(boost::system::error_code reason) {
  using beast_http::error;
  if (reason == error::body_limit)
    return {413, "payload_too_large", "the body is too large", {}, {}};
  if (reason == error::header_limit || reason == error::buffer_overflow)
    return {431, "payload_too_large", "the head of the request is too large", {}, {}};
  if (reason == boost::asio::error::operation_aborted)
    return {408, "request_timeout", "the request did not come in time", {}, {}};
  return {400, "validation_failed", "this is not a well-formed HTTP/1.1 request", {}, {}};
}

} // namespace waybill::http
