#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// Traces by W3C Trace Context and by OpenTelemetry's data model.
namespace waybill::tracing {

/// 16 octets, as two numbers in the order in which they are written.
struct trace_id {
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  friend bool operator==(const trace_id&, const trace_id&) = default;
};

/// Zero is no span.
using span_id = std::uint64_t;

/// A span as others refer to it.
struct trace_context {
  trace_id trace;
  span_id span = 0;
  bool sampled = false;
  friend bool operator==(const trace_context&, const trace_context&) = default;
};

/// Reads a `traceparent` of version 00 (W3C Trace Context, section 3.2). None for any other text.
std::optional<trace_context> parse_traceparent(std::string_view text) noexcept;

/// The same, and none when the trace is not sampled.
std::optional<trace_context> sampled_context(std::string_view traceparent) noexcept;

/// 32 lower-case hexadecimal digits.
std::string to_hex(const trace_id& id);

/// `00-<trace>-<span>-01`, or `-00` when it is not sampled.
std::string to_traceparent(const trace_context& context);

trace_id new_trace_id();
span_id new_span_id();

/// The id of a span that has a name within its trace, for example `ord_...@1`. It is the same on every node and after a
/// restart, so that a span can be the parent of others before it is known to have ended, and can be sent by a
/// successor.
span_id derive_span_id(const trace_id& trace, std::string_view name) noexcept;

/// Whether a trace that begins here is sampled, `ratio` (0 to 1) of all. The id alone decides, as OpenTelemetry's
/// TraceIdRatioBased: whoever asks with a ratio that is not less comes to a yes as well.
bool is_sampled(const trace_id& trace, double ratio) noexcept;

} // namespace waybill::tracing
