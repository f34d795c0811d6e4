#pragma once

#include "gateway/http/text.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <string_view>

/// The header fields that the gateway reads. A field is named here, with what several lines of it mean, or it cannot be
/// read.
namespace waybill::http {

enum class field : std::uint8_t {
  accept,
  accept_encoding,
  authorization,
  content_encoding,
  content_type,
  forwarded,
  host,
  idempotency_key,
  if_match,
  if_none_match,
  last_event_id,
  origin,
  prefer,
  sec_fetch_site,
  sec_websocket_key,
  sec_websocket_protocol,
  sec_websocket_version,
  traceparent,
  webhook_id,
  webhook_signature,
  webhook_timestamp,
  x_forwarded_for,
  x_request_id,
};

/// What several lines of a field mean.
enum class lines : std::uint8_t {
  /// One list in their order (RFC 9110, section 5.3).
  list,
  /// Two readers might take different ones: the request is refused.
  refused,
};

struct field_rule {
  field id;
  std::string_view name;
  lines several;
};

/// In the order of `field`. Authorization is no list, but several lines of it are read as one credential that nobody
/// has: the answer is that of a wrong token.
inline constexpr auto field_rules = std::to_array<field_rule>({
  {field::accept, "Accept", lines::list},
  {field::accept_encoding, "Accept-Encoding", lines::list},
  {field::authorization, "Authorization", lines::list},
  {field::content_encoding, "Content-Encoding", lines::list},
  {field::content_type, "Content-Type", lines::refused},
  {field::forwarded, "Forwarded", lines::list},
  {field::host, "Host", lines::refused},
  {field::idempotency_key, "Idempotency-Key", lines::refused},
  {field::if_match, "If-Match", lines::list},
  {field::if_none_match, "If-None-Match", lines::list},
  {field::last_event_id, "Last-Event-ID", lines::refused},
  {field::origin, "Origin", lines::refused},
  {field::prefer, "Prefer", lines::list},
  {field::sec_fetch_site, "Sec-Fetch-Site", lines::refused},
  {field::sec_websocket_key, "Sec-WebSocket-Key", lines::refused},
  {field::sec_websocket_protocol, "Sec-WebSocket-Protocol", lines::list},
  {field::sec_websocket_version, "Sec-WebSocket-Version", lines::refused},
  {field::traceparent, "traceparent", lines::refused},
  {field::webhook_id, "webhook-id", lines::refused},
  {field::webhook_signature, "webhook-signature", lines::refused},
  {field::webhook_timestamp, "webhook-timestamp", lines::refused},
  {field::x_forwarded_for, "X-Forwarded-For", lines::list},
  {field::x_request_id, "X-Request-Id", lines::refused},
});

static_assert([] {
  for (std::size_t i = 0; i < field_rules.size(); ++i)
    if (static_cast<std::size_t>(field_rules[i].id) != i)
      return false;
  return true;
}());

/// Those fields of a request. Holds views: valid only as long as the message that was read.
class header_fields {
public:
  /// The next line; fields that nobody reads are left out.
  void add(std::string_view name, std::string_view value);

  /// The value, of several lines their list; empty when there is none.
  [[nodiscard]] std::string_view operator[](field wanted) const noexcept {
    const auto& known = entries_[static_cast<std::size_t>(wanted)];
    return known.joined.empty() ? known.first : std::string_view{known.joined};
  }

  /// Whether there is a line, maybe an empty one.
  [[nodiscard]] bool has(field wanted) const noexcept { return entries_[static_cast<std::size_t>(wanted)].count > 0; }

  /// The name of a field that came in more lines than it may; empty when there is none.
  [[nodiscard]] std::string_view repeated() const noexcept { return repeated_; }

private:
  struct entry {
    std::uint16_t count = 0;
    std::string_view first;
    /// Of several lines.
    std::string joined;
  };
  std::array<entry, field_rules.size()> entries_;
  std::string_view repeated_;
};

inline void header_fields::add(std::string_view name, std::string_view value) {
  const auto rule = std::ranges::find_if(field_rules, [&](const field_rule& x) { return same_letters(x.name, name); });
  if (rule == field_rules.end())
    return;
  auto& known = entries_[static_cast<std::size_t>(rule->id)];
  if (known.count++ == 0) {
    known.first = value;
    return;
  }
  if (rule->several == lines::refused)
    repeated_ = rule->name;
  if (known.joined.empty())
    known.joined = known.first;
  known.joined.append(", ").append(value);
}

} // namespace waybill::http
