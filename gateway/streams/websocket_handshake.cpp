#include "gateway/streams/websocket_handshake.hpp"

#include "gateway/http/answer_text.hpp"
#include "gateway/http/text.hpp"

#include <algorithm>

namespace waybill::http {

namespace {

/// Base64 of 16 octets: 22 characters, and two to fill up.
bool is_key(std::string_view text) noexcept {
  constexpr std::size_t characters = 22;
  const auto is_digit = [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '/';
  };
  return text.size() == characters + 2 && text.ends_with("==")
         && std::ranges::all_of(text.substr(0, characters), is_digit);
}

} // namespace

problem needs_upgrade(std::string detail) {
  return {426,
          "validation_failed",
          std::move(detail),
          {},
          {{"Upgrade", "websocket"}, {"Connection", "Upgrade"}, {"Sec-WebSocket-Version", "13"}}};
}

void check_handshake(const request& req, bool is_upgrade, const gateway_config& config) {
  const bool right_version = trim(req.header(field::sec_websocket_version)) == "13";
  if (!is_upgrade || !right_version)
    throw needs_upgrade(is_upgrade ? "the only supported version of WebSocket is 13"
                                   : "this path only accepts a WebSocket upgrade");
  if (!is_key(trim(req.header(field::sec_websocket_key))))
    throw problem{400, "validation_failed", "Sec-WebSocket-Key must be 16 octets in Base64", {}, {}};
  const auto origin = req.header(field::origin);
  if (!origin.empty() && !origin_allowed(origin, req.header(field::host), config))
    throw problem{403, "forbidden", "pages of this origin may not open the event stream", {}, {}};
  const auto offered = req.header(field::sec_websocket_protocol);
  bool known = offered.empty();
  for_each_item(offered, [&](std::string_view item) { known = known || item == websocket_protocol; });
  if (!known)
    throw problem{400, "validation_failed", "the sub-protocol must be waybill.v1", {}, {}};
}

} // namespace waybill::http
