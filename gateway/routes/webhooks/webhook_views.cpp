#include "gateway/routes/webhooks/webhook_views.hpp"

#include "domain/base/codec.hpp"

namespace waybill::http {

namespace {

void write_optional(json_writer& out, std::string_view name, const std::string& text) {
  out.key(name);
  if (text.empty())
    out.null();
  else
    out.text(text);
}

void write_time(json_writer& out, std::string_view name, const std::optional<timestamp>& when) {
  write_optional(out, name, when ? to_rfc3339(*when) : std::string{});
}

void write_words(json_writer& out, std::string_view name, const std::vector<std::string>& words) {
  out.key(name).begin_array();
  for (const auto& word : words)
    out.text(word);
  out.end_array();
}

} // namespace

void write_endpoint_members(json_writer& out, const webhook::state& what, const webhook_progress& progress) {
  out.begin_object().member("id", what.id.value).member("url", what.url);
  write_words(out, "types", what.types);
  out.member("description", what.description).member("status", name_of(what.status));
  write_optional(out, "disabled_reason", what.reason);
  write_time(out, "previous_secret_until", what.previous_until);
  out.key("replay");
  if (what.replay) {
    out.begin_object().member("after", what.replay->after).member("before", what.replay->before);
    write_words(out, "types", what.replay->types);
    out.member("position", to_string(progress.replayed_to)).end_object();
  } else {
    out.null();
  }
  out.member("position", to_string(progress.cursor)).member("backlog", progress.backlog);
  write_time(out, "last_success_at", progress.last_success_at);
  write_time(out, "last_failure_at", progress.last_failure_at);
  write_optional(out, "last_error", progress.last_error);
  out.member("created_at", to_rfc3339(what.created_at))
    .member("updated_at", to_rfc3339(what.updated_at))
    .member("version", what.version);
}

void write_endpoint(json_writer& out, const webhook_view& what) {
  write_endpoint_members(out, what.state, what.progress);
  out.end_object();
}

void write_endpoint_delivery(json_writer& out, const webhook_delivery_row& what) {
  const auto& delivery = what.delivery;
  out.begin_object()
    .member("message_id", what.message)
    .member("event_id", "evt_" + what.stream + '.' + std::to_string(what.version))
    .member("position", to_string(what.position))
    .member("type", what.type)
    .member("status", name_of(delivery.status))
    .member("attempts", delivery.attempts)
    .key("last_status");
  if (delivery.last_status == 0)
    out.null();
  else
    out.number(delivery.last_status);
  write_optional(out, "last_error", delivery.last_error);
  out.member("last_duration_ms", delivery.last_duration_ms);
  write_time(out, "next_attempt_at", delivery.next_attempt_at);
  out.member("created_at", to_rfc3339(delivery.created_at))
    .member("updated_at", to_rfc3339(delivery.changed_at))
    .end_object();
}

} // namespace waybill::http
