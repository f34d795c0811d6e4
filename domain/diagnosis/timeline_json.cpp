#include "domain/diagnosis/timeline_json.hpp"

#include "domain/base/enum_name.hpp"

#include <string>
#include <string_view>

namespace waybill::diagnosis {

namespace {

void write_ms(json_writer& out, std::string_view name, microseconds time) {
  out.key(name).raw(milliseconds_text(time));
}

void write_optional(json_writer& out, std::string_view name, const std::string& text) {
  out.key(name);
  if (text.empty())
    out.null();
  else
    out.text(text);
}

template <class Timed>
void write_shares(json_writer& out, const Timed& timed) {
  write_ms(out, "inside_ms", sum_of(timed, share::inside));
  write_ms(out, "outside_ms", sum_of(timed, share::outside));
  write_ms(out, "waiting_ms", sum_of(timed, share::waiting));
}

void write_part(json_writer& out, const timeline_part& part, timestamp start) {
  out.begin_object().member("on", name_of(part.on));
  write_ms(out, "at_ms", part.from - start);
  write_ms(out, "ms", part.took);
  out.end_object();
}

void write_attempt(json_writer& out, const timeline_attempt& attempt, timestamp start) {
  out.begin_object().member("of", attempt.of).member("number", std::uint64_t{attempt.number});
  write_optional(out, "asked", attempt.asked);
  write_ms(out, "at_ms", attempt.from - start);
  write_ms(out, "ms", attempt.took);
  write_optional(out, "outcome", attempt.outcome);
  write_optional(out, "reason", attempt.reason);
  out.end_object();
}

void write_step(json_writer& out, const timeline_step& step, timestamp start) {
  out.begin_object()
    .member("step", order::word_for(step.reason))
    .member("began_at", to_rfc3339(step.from))
    .member("ended", step.ended);
  write_ms(out, "at_ms", step.from - start);
  write_ms(out, "ms", step.took);
  write_shares(out, step);
  out.key("parts").begin_array();
  for (const auto& part : step.parts)
    write_part(out, part, start);
  out.end_array().key("attempts").begin_array();
  for (const auto& attempt : step.attempts)
    write_attempt(out, attempt, start);
  out.end_array().end_object();
}

} // namespace

std::string milliseconds_text(microseconds time) {
  constexpr std::int64_t us_per_ms = 1'000;
  const auto whole = time.count() / us_per_ms;
  auto decimals = std::to_string(time.count() % us_per_ms);
  decimals.insert(0, 3 - decimals.size(), '0');
  return std::to_string(whole) + '.' + decimals;
}

void write_timeline(json_writer& out, const timeline& whole) {
  out.begin_object()
    .member("order_id", whole.order.value)
    .member("status", name_of(whole.status))
    .member("began_at", to_rfc3339(whole.from))
    .member("complete", whole.complete);
  write_ms(out, "ms", whole.took);
  write_shares(out, whole);
  out.key("delivered_after_ms");
  if (whole.delivered_after)
    out.raw(milliseconds_text(*whole.delivered_after));
  else
    out.null();
  out.key("steps").begin_array();
  for (const auto& step : whole.steps)
    write_step(out, step, whole.from);
  out.end_array().end_object();
}

} // namespace waybill::diagnosis
