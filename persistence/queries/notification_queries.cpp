#include "persistence/queries/notification_queries.hpp"

#include "persistence/queries/list_page.hpp"

#include <stdexcept>
#include <string>

namespace waybill {

notification_page run_query(connection& database, const list_notifications& query) {
  if (query.ids.size() > max_wanted_notifications)
    throw std::length_error{"too many notifications are asked for at once"};
  std::string sql = "select id, order_id, kind, text, created_at, coalesce(read_at, -1) from notifications "
                    "where customer_id = :customer";
  stored_notification notification;
  notification.row.customer = query.customer;
  long long created_at = 0;
  long long read_at = 0;
  query_builder builder{database};
  builder.use(query.customer, "customer");
  if (query.unread_only)
    sql += " and read_at is null";
  if (!query.cursor_id.empty()) {
    sql += " and id < :before";
    builder.use(query.cursor_id, "before");
  }
  for (std::size_t i = 0; i < query.ids.size(); ++i) {
    const auto place = "id" + std::to_string(i);
    sql += (i == 0 ? " and id in (:" : ", :") + place;
    builder.use(query.ids[i], place);
  }
  if (!query.ids.empty())
    sql += ')';
  builder.into(notification.row.id);
  builder.into(notification.row.order);
  builder.into(notification.row.kind);
  builder.into(notification.row.text);
  builder.into(created_at);
  builder.into(read_at);
  builder.execute(sql + " order by id desc" + limit_of_page(query.limit));
  notification_page page;
  page.more = fetch_page(builder, query.limit, page.notifications, [&] {
    notification.row.created_at = to_time(created_at);
    notification.read_at = to_optional_time(read_at);
    return notification;
  });
  return page;
}

} // namespace waybill
