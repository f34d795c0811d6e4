#include "gateway/routes/delivery/courier_views.hpp"

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

} // namespace

void write_courier(json_writer& out, const courier::state& what) {
  out.begin_object().member("id", what.id.value).member("name", what.name);
  write_optional(out, "user_id", what.user.value);
  out.member("online", what.online).member("capacity", what.capacity).key("deliveries").begin_array();
  for (const auto& one : what.assignments)
    out.text(one.delivery.value);
  out.end_array()
    .member("created_at", to_rfc3339(what.created_at))
    .member("updated_at", to_rfc3339(what.updated_at))
    .member("version", what.version)
    .end_object();
}

void write_job(json_writer& out, const delivery::state& what, bool whole) {
  out.begin_object()
    .member("id", what.id.value)
    .member("order_id", what.order.value)
    .member("status", codec::enum_name(what.status))
    .member("attempt", what.attempt);
  if (whole) {
    write_optional(out, "courier_id", what.courier.value);
    out.key("recipient").begin_object().member("name", what.name).member("address", what.address).end_object();
  }
  write_optional(out, "reason", what.reason);
  // When the answer, the start or the end is due.
  write_optional(out, "due_at", what.step_by ? to_rfc3339(*what.step_by) : std::string{});
  out.member("created_at", to_rfc3339(what.created_at))
    .member("updated_at", to_rfc3339(what.updated_at))
    .member("version", what.version)
    .end_object();
}

} // namespace waybill::http
