#include "gateway/routes/webhooks/webhook_views.hpp"

#include "domain/json/codec.hpp"
#include "gateway/http/json_members.hpp"
#include "gateway/routes/follower/follower_views.hpp"

namespace waybill::http {

void write_endpoint_members(json_writer& out, const webhook::state& endpoint, const webhook_progress& progress) {
  out.begin_object().member("id", endpoint.id.value).member("url", endpoint.url);
  write_words(out, "types", endpoint.types);
  out.member("description", endpoint.description).member("status", name_of(endpoint.status));
  write_optional(out, "disabled_reason", endpoint.reason);
  write_time(out, "failing_since", endpoint.failing_since);
  write_time(out, "previous_secret_until", endpoint.previous_until);
  out.key("replay");
  if (endpoint.replay) {
    out.begin_object().member("after", endpoint.replay->after).member("before", endpoint.replay->before);
    write_words(out, "types", endpoint.replay->types);
    out.member("position", to_string(progress.replayed_to)).end_object();
  } else {
    out.null();
  }
  out.member("position", to_string(progress.cursor)).member("backlog", progress.backlog);
  write_follower_members(out, endpoint, progress);
}

void write_endpoint(json_writer& out, const webhook_view& endpoint) {
  write_endpoint_members(out, endpoint.state, endpoint.progress);
  out.end_object();
}

void write_endpoint_delivery_members(json_writer& out, const webhook_delivery_row& row) {
  const auto& delivery = row.delivery;
  out.begin_object()
    .member("message_id", row.message)
    .member("event_id", "evt_" + row.stream + '.' + std::to_string(row.version))
    .member("position", to_string(row.position))
    .member("type", row.type)
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
  out.member("created_at", to_rfc3339(delivery.created_at)).member("updated_at", to_rfc3339(delivery.changed_at));
}

void write_endpoint_delivery(json_writer& out, const webhook_delivery_row& row) {
  write_endpoint_delivery_members(out, row);
  out.end_object();
}

} // namespace waybill::http
