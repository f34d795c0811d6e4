#include "domain/octets/octets.hpp"
#include "gateway/http/cursor.hpp"
#include "messages/journal/log_position.hpp"
#include "tests/fuzz/target.hpp"

using namespace waybill;
using namespace waybill::http;

/// Cursors that clients send back: only cursors that we wrote are accepted, and they are written the same again.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = fuzz::view(data, size);
  if (const auto octets = from_base64url(text))
    fuzz::require(to_base64url(*octets) == text);
  fuzz::require(from_base64url(to_base64url(text)) == text);
  for (const std::string_view list : {"orders", "products", "notifications"})
    if (const auto at = from_cursor(list, text)) {
      const auto again = from_cursor(list, to_cursor(list, *at));
      fuzz::require(again && again->time == at->time && again->id == at->id);
    }
  if (const auto at = parse_log_position(text))
    fuzz::require(parse_log_position(to_string(*at)) == at);
  return 0;
}
