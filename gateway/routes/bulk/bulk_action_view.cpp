#include "gateway/routes/bulk/bulk_action_view.hpp"

#include "domain/base/enum_name.hpp"
#include "domain/base/errors.hpp"
#include "domain/json/json_writer.hpp"
#include "gateway/http/problem.hpp"

namespace waybill::http {

namespace {

/// The failure that an order answered with, from its word.
failure failure_of(const bulk::item& item) {
  for (auto number = static_cast<int>(ec::none); number <= static_cast<int>(ec::idempotency_in_progress); ++number)
    if (const auto code = static_cast<ec>(number); to_string(code) == item.code)
      return {code, item.detail};
  return {ec::internal, item.detail};
}

/// An order that a stopped action did not come to is left as it was.
std::string_view status_of(const bulk::state& action, const bulk::item& item) {
  if (item.status == bulk::item_status::done)
    return "done";
  if (item.status == bulk::item_status::refused)
    return "refused";
  return action.status == bulk::status::stopped ? "skipped" : "pending";
}

void write_item(json_writer& out, const bulk::state& action, const bulk::item& item) {
  out.begin_object().member("order_id", item.order.value).member("status", status_of(action, item));
  if (item.status == bulk::item_status::refused) {
    const auto refused = to_problem(failure_of(item));
    out.member("code", refused.code).member("title", phrase(refused.status)).member("detail", refused.detail);
  }
  out.end_object();
}

void write_counts(json_writer& out, const bulk::state& action) {
  const auto done = bulk::count_of(action, bulk::item_status::done);
  const auto refused = bulk::count_of(action, bulk::item_status::refused);
  const auto open = action.items.size() - done - refused;
  const bool stopped = action.status == bulk::status::stopped;
  out.key("counts")
    .begin_object()
    .member("total", action.items.size())
    .member("done", done)
    .member("refused", refused)
    .member("pending", stopped ? 0 : open)
    .member("skipped", stopped ? open : 0)
    .end_object();
}

} // namespace

std::string text_of(const bulk::state& action) {
  json_writer out;
  out.begin_object()
    .member("id", action.id.value)
    .member("action", waybill::name_of(action.action))
    .member("reason", action.reason)
    .member("dry_run", action.dry_run);
  if (action.action == bulk::action::resolve)
    out.member("outcome", waybill::name_of(action.outcome));
  out.member("status", waybill::name_of(action.status));
  out.key("by").begin_object().member("kind", action.by.kind).member("id", action.by.id).end_object();
  write_counts(out, action);
  out.member("more", action.more).key("items").begin_array();
  for (const auto& item : action.items)
    write_item(out, action, item);
  out.end_array()
    .member("created_at", to_rfc3339(action.created_at))
    .member("updated_at", to_rfc3339(action.updated_at))
    .member("version", action.version)
    .end_object();
  return out.take();
}

} // namespace waybill::http
