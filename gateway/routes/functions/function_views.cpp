#include "gateway/routes/functions/function_views.hpp"

#include "domain/base/enum_name.hpp"
#include "domain/octets/octets.hpp"
#include "domain/order_view/order_json.hpp"
#include "gateway/http/json_members.hpp"

namespace waybill::http {

namespace {

void write_head(json_writer& out, std::string_view name, bool is_built_in, std::uint64_t current,
                std::string_view digest) {
  out.begin_object()
    .member("name", name)
    .member("built_in", is_built_in)
    .member("current_version", current)
    .member("digest", digest);
}

void write_registration(json_writer& out, const order::person& by, timestamp at) {
  write_person(out.key("registered_by"), by);
  out.member("registered_at", to_rfc3339(at));
}

/// What it does without being called by somebody.
void write_own_acts(json_writer& out, const std::vector<std::string>& triggers,
                    const std::optional<function::guard>& guard) {
  write_words(out, "triggers", triggers);
  out.key("guard");
  if (guard)
    out.begin_object().member("on_failure", name_of(guard->on_failure)).end_object();
  else
    out.null();
}

void write_last_error(json_writer& out, const std::optional<function::trigger_failure>& failure) {
  out.key("last_error");
  if (!failure) {
    out.null();
    return;
  }
  const auto& skipped = failure->skipped;
  out.begin_object()
    .member("event_id", skipped.event)
    .member("type", skipped.about)
    .member("kind", skipped.kind)
    .member("message", skipped.message);
  if (skipped.line != 0)
    out.member("line", skipped.line);
  out.member("attempts", skipped.attempts).member("at", to_rfc3339(failure->at)).end_object();
}

void write_progress(json_writer& out, const trigger_view& shown) {
  const auto& progress = shown.progress;
  out.begin_object()
    .member("position", shown.position)
    .member("lag_ms", shown.lag.count())
    .member("handled", progress.handled)
    .member("notifications", progress.notified)
    .member("skipped", progress.skipped);
  write_last_error(out, progress.last_failure);
  out.end_object();
}

void write_end(json_writer& out, const function::summary& shown) {
  write_registration(out, shown.by, shown.registered_at);
  out.member("created_at", to_rfc3339(shown.created_at))
    .member("updated_at", to_rfc3339(shown.updated_at))
    .member("version", shown.version)
    .end_object();
}

} // namespace

void write_function(json_writer& out, const function::state& shown, const std::optional<trigger_view>& trigger) {
  const auto summary = function::summarize(shown);
  write_head(out, summary.name, false, summary.current, summary.digest);
  if (const auto* present = function::find_version(shown, shown.current))
    out.member("source", present->source);
  write_own_acts(out, summary.triggers, summary.guard);
  if (trigger)
    write_progress(out.key("progress"), *trigger);
  write_end(out, summary);
}

void write_function(json_writer& out, const sandbox::built_in& shown) {
  write_head(out, shown.name, true, built_in_version, sha256_hex(shown.source));
  out.member("source", shown.source).member("version", built_in_version).end_object();
}

void write_summary(json_writer& out, const function::summary& shown) {
  write_head(out, shown.name, false, shown.current, shown.digest);
  write_own_acts(out, shown.triggers, shown.guard);
  write_end(out, shown);
}

void write_summary(json_writer& out, const sandbox::built_in& shown) {
  write_head(out, shown.name, true, built_in_version, sha256_hex(shown.source));
  out.member("version", built_in_version).end_object();
}

void write_version(json_writer& out, const function::source_version& shown, bool is_current) {
  out.begin_object()
    .member("version", shown.number)
    .member("current", is_current)
    .member("digest", shown.digest)
    .member("source", shown.source);
  write_own_acts(out, shown.triggers, shown.guard);
  write_registration(out, shown.by, shown.at);
  out.end_object();
}

void write_version(json_writer& out, const sandbox::built_in& shown) {
  out.begin_object()
    .member("version", built_in_version)
    .member("current", true)
    .member("digest", sha256_hex(shown.source))
    .member("source", shown.source)
    .end_object();
}

} // namespace waybill::http
