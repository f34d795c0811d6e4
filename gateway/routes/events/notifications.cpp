#include "gateway/http/field_limits.hpp"
#include "gateway/http/reading.hpp"
#include "gateway/routes/handlers.hpp"
#include "gateway/routes/orders/order_views.hpp"
#include "gateway/routes/view_text.hpp"

#include "messages/notifications.hpp"

#include <algorithm>

namespace waybill::http::routes::notifications {

namespace {

task<response> mark(context& ctx, const request& req, std::string id) {
  const mark_notifications_read command{req.caller.customer, std::move(id), req.origin()};
  const auto marked = co_await ctx.query<notifications_marked>(req, ctx.services().notifier, command);
  response result;
  json_writer out;
  result.body = out.begin_object().member("read_at", to_rfc3339(marked.read_at)).end_object().take();
  co_return result;
}

/// Those that are wanted by their ids; empty: all.
std::vector<std::string> read_ids(query_reader& from) {
  auto ids = from.all("id");
  std::erase(ids, "");
  if (ids.size() > max_wanted_notifications)
    from.complain("id", "must be at most " + std::to_string(max_wanted_notifications) + " ids");
  else if (!std::ranges::all_of(ids, [](const auto& id) { return is_id(id, notification_id::prefix()); }))
    from.complain("id", "is not the id of a notification");
  return ids;
}

/// The caller, or whom an operator names.
std::string read_customer(query_reader& from, const caller& viewer) {
  auto customer = from.text("customer_id", limits::id.most);
  if (!customer.empty() && !is_id(customer, customer_id::prefix()))
    from.complain("customer_id", "is not the id of a customer");
  return customer.empty() || !viewer.is_operator() ? viewer.customer.value : customer;
}

push_notification read_push(const request& req) {
  const auto body = read_body(req);
  std::vector<field_error> errors;
  object_reader from{body, "", errors};
  push_notification command;
  command.customer.value = from.text("customer_id", limits::id);
  if (!command.customer.empty() && !is_id(command.customer.value, customer_id::prefix()))
    from.complain("customer_id", "is not the id of a customer");
  command.text = from.text("text", limits::notification_text);
  command.order.value = from.optional_text("order_id", limits::id).value_or("");
  from.finish();
  require_valid(body, errors);
  command.intent = intent_of(req);
  command.origin = req.origin();
  return command;
}

/// An order that the customer does not have is reported at /order_id.
task<notification_pushed> send_push(context& ctx, const request& req, push_notification command) {
  try {
    co_return co_await ctx.query<notification_pushed>(req, ctx.services().notifier, std::move(command));
  } catch (problem& error) {
    if (error.code == "validation_failed" && error.errors.empty())
      throw invalid_fields(422, {{"/order_id", error.detail}});
    throw;
  }
}

} // namespace

task<response> list(context& ctx, const request& req) {
  query_reader from{req};
  list_notifications query;
  query.customer = read_customer(from, req.caller);
  query.ids = read_ids(from);
  query.unread_only = from.boolean("unread");
  query.limit = from.limit();
  query.cursor_id = from.cursor("notifications", notification_id::prefix(), false).id;
  from.finish();
  const auto page = co_await ctx.query<notification_page>(req, ctx.services().reader, query);
  const bool more = page.more && !page.notifications.empty();
  co_return list_response(req, array_of(page.notifications, write_notification),
                          more ? to_cursor("notifications", {{}, page.notifications.back().row.id}) : "");
}

task<response> push(context& ctx, const request& req) {
  auto command = read_push(req);
  const auto pushed = co_await send_push(ctx, req, std::move(command));
  response result;
  result.status = 201;
  result.body = text_of(write_notification, stored_notification{pushed.notification, {}});
  if (pushed.replayed && !idempotency_key(req).empty())
    result.set("Idempotent-Replayed", "true");
  co_return result;
}

task<response> mark_all_read(context& ctx, const request& req) {
  return mark(ctx, req, {});
}

task<response> mark_read(context& ctx, const request& req) {
  return mark(ctx, req, path_id<notification_id>(req).value);
}

} // namespace waybill::http::routes::notifications
