#include "gateway/http/reading.hpp"
#include "gateway/routes/handlers.hpp"
#include "gateway/routes/view_text.hpp"
#include "gateway/routes/orders/order_views.hpp"

#include "messages/notifications.hpp"

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

} // namespace

task<response> list(context& ctx, const request& req) {
  query_reader from{req};
  list_notifications query;
  query.customer = req.caller.customer.value;
  query.unread_only = from.boolean("unread");
  query.limit = from.limit();
  query.cursor_id = from.cursor("notifications", notification_id::prefix(), false).id;
  from.finish();
  const auto page = co_await ctx.query<notification_page>(req, ctx.services().reader, query);
  const bool more = page.more && !page.notifications.empty();
  co_return list_response(req, array_of(page.notifications, write_notification),
                          more ? to_cursor("notifications", {{}, page.notifications.back().row.id}) : "");
}

task<response> mark_all_read(context& ctx, const request& req) {
  return mark(ctx, req, {});
}

task<response> mark_read(context& ctx, const request& req) {
  return mark(ctx, req, path_id<notification_id>(req).value);
}

} // namespace waybill::http::routes::notifications
