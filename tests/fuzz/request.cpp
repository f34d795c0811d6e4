#include "domain/json/utf8.hpp"
#include "gateway/http/conditions.hpp"
#include "gateway/http/json_body.hpp"
#include "gateway/limits/client_address.hpp"
#include "gateway/transport/request_head_check.hpp"
#include "tests/fuzz/target.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/parser.hpp>

using namespace waybill;
using namespace waybill::http;

namespace {

/// Reads as the connection does: the parser gets the octets that came so far, in pieces as the network cuts them.
bool parse(beast_http::request_parser<beast_http::string_body>& in, std::string_view octets, std::size_t piece) {
  const gateway_config config;
  in.header_limit(static_cast<std::uint32_t>(config.header_limit));
  in.body_limit(config.body_limit);
  std::string buffer;
  bool checked = false;
  const auto read = [&] {
    buffer += octets.substr(0, piece);
    octets.remove_prefix(std::min(piece, octets.size()));
  };
  while (!in.is_done()) {
    const auto least = checked && in.chunked() ? least_of_chunks : 1;
    while (buffer.size() < least && !octets.empty())
      read();
    if (buffer.size() < least)
      return false;
    boost::system::error_code error;
    buffer.erase(0, in.put(boost::asio::buffer(buffer), error));
    if (error == beast_http::error::need_more) {
      if (octets.empty() || buffer.size() > config.header_limit)
        return false;
      read();
    } else if (error) {
      fuzz::require(unreadable(error).status >= 400);
      return false;
    }
    if (in.is_header_done() && !checked) {
      checked = true;
      check_request_head(in.get(), config);
      in.eager(true);
    }
  }
  return true;
}

void look_at(const http_message& message) {
  check_host(message);
  request req;
  read_head(message, req);
  req.body = message.body();
  // The end of a body is unambiguous: never a length together with chunks.
  fuzz::require(message.count(beast_http::field::content_length) == 0
                || message.count(beast_http::field::transfer_encoding) == 0);
  const auto target = message.target();
  read_target({target.data(), target.size()}, req);
  for (const auto& segment : req.segments)
    fuzz::require(is_utf8(segment) && segment.find('\0') == std::string::npos);
  fuzz::require(take_request_id(req.header(field::x_request_id)).size() <= 128);
  fuzz::require(take_traceparent(req.header(field::traceparent)).size() == 55);
  fuzz::require(preferred_wait(req.header(field::prefer)) <= 30);
  none_match_hits(req, etag_of(1));
  needs_present_tag(req);
  trusted_proxies all;
  fuzz::require(all.add({"0.0.0.0/0", "::/0"}));
  for (const auto kind : {forwarded_header::x_forwarded_for, forwarded_header::forwarded})
    client_address(ip_address{}, req.header(header_of(kind)), kind, all);
  // A change that asks for one version may be made to it.
  if (const auto version = expected_version(req); version != 0)
    require_match(req, etag_of(version));
}

} // namespace

/// A request from its octets to the struct that handlers get.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0)
    return 0;
  // The first octet chooses the size of the pieces.
  const std::size_t piece = 1 + data[0] % 64;
  beast_http::request_parser<beast_http::string_body> in;
  try {
    if (parse(in, fuzz::view(data + 1, size - 1), piece))
      look_at(in.get());
  } catch (const problem& refused) {
    fuzz::require(refused.status >= 400 && refused.status < 600 && !refused.detail.empty());
  }
  return 0;
}
