#include "gateway/routes/delivery/courier_views.hpp"

#include "domain/json/codec.hpp"
#include "gateway/http/json_members.hpp"

namespace waybill::http {

void write_courier(json_writer& out, const courier::state& courier) {
  out.begin_object().member("id", courier.id.value).member("name", courier.name);
  write_optional(out, "user_id", courier.user.value);
  out.member("online", courier.online).member("capacity", courier.capacity).key("deliveries").begin_array();
  for (const auto& assignment : courier.assignments)
    out.text(assignment.delivery.value);
  out.end_array()
    .member("created_at", courier.created_at)
    .member("updated_at", courier.updated_at)
    .member("version", courier.version)
    .end_object();
}

void write_job(json_writer& out, const delivery::state& delivery, bool whole) {
  out.begin_object()
    .member("id", delivery.id.value)
    .member("order_id", delivery.order.value)
    .member("status", waybill::name_of(delivery.status))
    .member("attempt", delivery.attempt);
  if (whole) {
    write_optional(out, "courier_id", delivery.courier.value);
    out.key("recipient").begin_object().member("name", delivery.name).member("address", delivery.address).end_object();
  }
  write_optional(out, "reason", delivery.reason);
  // When the next step (answer, start or end) is due.
  write_time(out, "due_at", delivery.step_by);
  out.member("created_at", delivery.created_at)
    .member("updated_at", delivery.updated_at)
    .member("version", delivery.version)
    .end_object();
}

} // namespace waybill::http
