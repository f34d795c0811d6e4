#include "tracing/trace_context.hpp"

#include "domain/base/number.hpp"
#include "domain/octets/octets.hpp"

namespace waybill::tracing {

namespace {

/// The length of `00-<32>-<16>-<2>`.
constexpr std::size_t length = 55;

/// None when there is another character than a digit or `a` to `f`.
std::optional<std::uint64_t> read_hex(std::string_view text) noexcept {
  std::uint64_t value = 0;
  for (const char c : text) {
    const bool is_digit = c >= '0' && c <= '9';
    if (!is_digit && (c < 'a' || c > 'f'))
      return std::nullopt;
    value = (value << 4U) | static_cast<std::uint64_t>(is_digit ? c - '0' : c - 'a' + 10);
  }
  return value;
}

/// The finalizer of splitmix64: every bit of the result depends on all of `value`.
constexpr std::uint64_t mix(std::uint64_t value) noexcept {
  value = (value ^ (value >> 30U)) * 0xbf58476d1ce4e5b9U;
  value = (value ^ (value >> 27U)) * 0x94d049bb133111ebU;
  return value ^ (value >> 31U);
}

} // namespace

std::optional<trace_context> parse_traceparent(std::string_view text) noexcept {
  if (text.size() != length || text.substr(0, 3) != "00-" || text[35] != '-' || text[52] != '-')
    return std::nullopt;
  const auto high = read_hex(text.substr(3, 16));
  const auto low = read_hex(text.substr(19, 16));
  const auto span = read_hex(text.substr(36, 16));
  const auto flags = read_hex(text.substr(53));
  if (!high || !low || !span || !flags || *span == 0 || (*high == 0 && *low == 0))
    return std::nullopt;
  return trace_context{{*high, *low}, *span, (*flags & 1U) != 0};
}

/// Most traces are not sampled: the last digit tells it.
std::optional<trace_context> sampled_context(std::string_view traceparent) noexcept {
  constexpr std::string_view odd = "13579bdf";
  if (traceparent.size() != length || odd.find(traceparent.back()) == std::string_view::npos)
    return std::nullopt;
  auto context = parse_traceparent(traceparent);
  if (context && !context->sampled)
    context.reset();
  return context;
}

std::string to_hex(const trace_id& id) {
  std::string text;
  append_hex(text, id.high, 16);
  append_hex(text, id.low, 16);
  return text;
}

std::string to_traceparent(const trace_context& context) {
  std::string text;
  text.reserve(length);
  text += "00-";
  text += to_hex(context.trace);
  text += '-';
  append_hex(text, context.span, 16);
  text += context.sampled ? "-01" : "-00";
  return text;
}

trace_id new_trace_id() {
  return {random_number(), random_number() | 1U};
}

span_id new_span_id() {
  return random_number() | 1U;
}

span_id derive_span_id(const trace_id& trace, std::string_view name) noexcept {
  std::uint64_t hash = mix(trace.high ^ mix(trace.low));
  for (const char c : name) // FNV-1a
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
  return mix(hash) | 1U;
}

bool is_sampled(const trace_id& trace, double ratio) noexcept {
  if (ratio >= 1)
    return true;
  constexpr double all = 9223372036854775808.0; // 2^63
  return ratio > 0 && (trace.low >> 1U) < static_cast<std::uint64_t>(ratio * all);
}

} // namespace waybill::tracing
