#include "gateway/http/reading.hpp"
#include "gateway/routes/handlers.hpp"
#include "gateway/routes/orders/order_views.hpp"

#include "messages/notifications.hpp"

namespace waybill::http {

namespace {

task<response> mark(worker& w, const request& req, std::string id) {
  const mark_notifications_read wanted{req.who.customer, std::move(id), req.origin()};
  const auto marked = co_await w.query<notifications_marked>(req, w.services().notifier, wanted);
  response result;
  json_writer out;
  result.body = out.begin_object().member("read_at", to_rfc3339(marked.read_at)).end_object().take();
  co_return result;
}

} // namespace

task<response> list_own_notifications(worker& w, const request& req) {
  query_reader from{req};
  list_notifications wanted;
  wanted.customer = req.who.customer.value;
  wanted.unread_only = from.boolean("unread");
  wanted.limit = from.limit();
  wanted.cursor_id = from.cursor("notifications", notification_id::prefix(), false).id;
  from.finish();
  const auto page = co_await w.query<notification_page>(req, w.services().reader, wanted);
  json_writer items;
  items.begin_array();
  for (const auto& one : page.notifications)
    write_notification(items, one);
  items.end_array();
  const bool more = page.more && !page.notifications.empty();
  co_return list_response(req, items.take(),
                          more ? to_cursor("notifications", {{}, page.notifications.back().row.id}) : "");
}

task<response> read_all_notifications(worker& w, const request& req) {
  return mark(w, req, {});
}

task<response> read_one_notification(worker& w, const request& req) {
  return mark(w, req, path_id<notification_id>(req).value);
}

} // namespace waybill::http
