#include "tracing/otlp.hpp"

#include <algorithm>
#include <chrono>
#include <optional>

namespace waybill::tracing {

namespace {

// Protobuf's wire format: https://protobuf.dev/programming-guides/encoding. A field is a varint of its number and its
// wire type, and its value.
enum class wire : std::uint8_t { varint = 0, fixed64 = 1, bytes = 2, fixed32 = 5 };

void put_varint(std::string& out, std::uint64_t value) {
  for (; value > 0x7f; value >>= 7U)
    out += static_cast<char>((value & 0x7fU) | 0x80U);
  out += static_cast<char>(value);
}

void put_tag(std::string& out, std::uint32_t field, wire type) {
  put_varint(out, (std::uint64_t{field} << 3U) | static_cast<std::uint64_t>(type));
}

void put_number(std::string& out, std::uint32_t field, std::uint64_t value) {
  put_tag(out, field, wire::varint);
  put_varint(out, value);
}

/// Least octet first.
void put_fixed(std::string& out, std::uint32_t field, std::uint64_t value, wire type) {
  put_tag(out, field, type);
  for (std::size_t i = 0; i < (type == wire::fixed64 ? 8U : 4U); ++i, value >>= 8U)
    out += static_cast<char>(value & 0xffU);
}

void put_bytes(std::string& out, std::uint32_t field, std::string_view value) {
  put_tag(out, field, wire::bytes);
  put_varint(out, value.size());
  out += value;
}

/// A message within a message: `write` puts its fields into a text of its own, whose length comes first.
template <class Write>
void put_message(std::string& out, std::uint32_t field, Write write) {
  std::string inner;
  write(inner);
  put_bytes(out, field, inner);
}

/// The octets of an id, the first one first.
void add_octets(std::string& out, std::uint64_t id) {
  for (int shift = 56; shift >= 0; shift -= 8)
    out += static_cast<char>((id >> shift) & 0xffU);
}

std::uint64_t nanoseconds_of(timestamp time) {
  return static_cast<std::uint64_t>(std::chrono::nanoseconds{time.time_since_epoch()}.count());
}

/// KeyValue: key = 1, value = 2; AnyValue: string_value = 1, bool_value = 2, int_value = 3.
void put_attributes(std::string& out, std::uint32_t field, const attributes& all) {
  for (const auto& item : all)
    put_message(out, field, [&](std::string& pair) {
      put_bytes(pair, 1, item.name);
      put_message(pair, 2, [&](std::string& value) {
        if (const auto* text = std::get_if<std::string>(&item.value))
          put_bytes(value, 1, *text);
        else if (const auto* truth = std::get_if<bool>(&item.value))
          put_number(value, 2, *truth ? 1 : 0);
        else
          put_number(value, 3, static_cast<std::uint64_t>(std::get<std::int64_t>(item.value)));
      });
    });
}

/// Span.Event: time_unix_nano = 1, name = 2, attributes = 3.
void put_event(std::string& out, const span_event& event) {
  put_fixed(out, 1, nanoseconds_of(event.at), wire::fixed64);
  put_bytes(out, 2, event.name);
  put_attributes(out, 3, event.attributes);
}

/// SpanFlags: the W3C flags in the lowest octet, then whether it is known, and true, that the parent is remote.
std::uint64_t flags_of(const span& item) {
  constexpr std::uint64_t sampled = 0x01;
  constexpr std::uint64_t knows_remote = 0x100;
  constexpr std::uint64_t is_remote = 0x200;
  return sampled | knows_remote | (item.parent_is_remote ? is_remote : 0);
}

/// Span: trace_id = 1, span_id = 2, parent_span_id = 4, name = 5, kind = 6, start_time_unix_nano = 7,
/// end_time_unix_nano = 8, attributes = 9, events = 11, status = 15, flags = 16. Status: message = 2, code = 3.
void put_span(std::string& out, const span& item) {
  std::string id;
  add_octets(id, item.trace.high);
  add_octets(id, item.trace.low);
  put_bytes(out, 1, id);
  id.clear();
  add_octets(id, item.id);
  put_bytes(out, 2, id);
  if (item.parent != 0) {
    id.clear();
    add_octets(id, item.parent);
    put_bytes(out, 4, id);
  }
  put_bytes(out, 5, item.name);
  put_number(out, 6, static_cast<std::uint64_t>(item.kind));
  put_fixed(out, 7, nanoseconds_of(item.begun), wire::fixed64);
  // A clock that was set back must not make a span of less than nothing.
  put_fixed(out, 8, nanoseconds_of(std::max(item.begun, item.ended)), wire::fixed64);
  put_attributes(out, 9, item.attributes);
  for (const auto& event : item.events)
    put_message(out, 11, [&](std::string& inner) { put_event(inner, event); });
  if (item.failed)
    put_message(out, 15, [&](std::string& status) {
      constexpr std::uint64_t error = 2;
      if (!item.failure.empty())
        put_bytes(status, 2, item.failure);
      put_number(status, 3, error);
    });
  put_fixed(out, 16, flags_of(item), wire::fixed32);
}

// -- reading ----------------------------------------------------------------------------------------------------------

std::optional<std::uint64_t> take_varint(std::string_view& in) noexcept {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 64 && !in.empty(); shift += 7) {
    const auto octet = static_cast<unsigned char>(in.front());
    in.remove_prefix(1);
    value |= static_cast<std::uint64_t>(octet & 0x7fU) << shift;
    if (octet < 0x80)
      return value;
  }
  return std::nullopt;
}

/// The number in, or what is inside of, the first field of this number and wire type.
std::optional<std::uint64_t> find_field(std::string_view in, std::uint64_t tag, std::string_view& inside) noexcept {
  while (!in.empty()) {
    const auto found = take_varint(in);
    if (!found)
      return std::nullopt;
    std::uint64_t value = 0;
    std::size_t skipped = 0;
    switch (static_cast<wire>(*found & 7U)) {
      case wire::varint:
      case wire::bytes: {
        const auto number = take_varint(in);
        if (!number)
          return std::nullopt;
        value = *number;
        skipped = (*found & 7U) == 2 ? static_cast<std::size_t>(value) : 0;
        break;
      }
      case wire::fixed64: skipped = 8; break;
      case wire::fixed32: skipped = 4; break;
      default: return std::nullopt;
    }
    if (skipped > in.size())
      return std::nullopt;
    if (*found == tag) {
      inside = in.substr(0, skipped);
      return value;
    }
    in.remove_prefix(skipped);
  }
  return std::nullopt;
}

} // namespace

/// ExportTraceServiceRequest: resource_spans = 1. ResourceSpans: resource = 1, scope_spans = 2, schema_url = 3.
/// Resource: attributes = 1. ScopeSpans: scope = 1, spans = 2. InstrumentationScope: name = 1, version = 2.
std::string encode_request(const attributes& resource, std::span<const span> spans) {
  std::string out;
  put_message(out, 1, [&](std::string& of_resource) {
    put_message(of_resource, 1, [&](std::string& inner) { put_attributes(inner, 1, resource); });
    put_message(of_resource, 2, [&](std::string& of_scope) {
      put_message(of_scope, 1, [](std::string& scope) {
        put_bytes(scope, 1, "waybill");
        put_bytes(scope, 2, WAYBILL_VERSION);
      });
      for (const auto& item : spans)
        put_message(of_scope, 2, [&](std::string& inner) { put_span(inner, item); });
    });
    put_bytes(of_resource, 3, "https://opentelemetry.io/schemas/1.30.0");
  });
  return out;
}

/// ExportTraceServiceResponse: partial_success = 1. ExportTracePartialSuccess: rejected_spans = 1.
std::uint64_t rejected_spans(std::string_view response) noexcept {
  constexpr std::uint64_t partial_success = (1U << 3U) | 2U;
  constexpr std::uint64_t rejected = 1U << 3U;
  std::string_view inside;
  if (!find_field(response, partial_success, inside))
    return 0;
  std::string_view ignored;
  return find_field(inside, rejected, ignored).value_or(0);
}

} // namespace waybill::tracing
