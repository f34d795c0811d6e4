#include "persistence/queries/list_queries.hpp"

#include "domain/text/folding.hpp"

#include <string>
#include <vector>

namespace waybill {

std::string limit_of_page(std::uint32_t limit) {
  return " limit " + std::to_string(std::uint64_t{limit} + 1);
}

state_page fetch_states(query_builder& builder, const std::string& sql, std::uint32_t limit) {
  std::string state;
  builder.into(state);
  builder.execute(sql + limit_of_page(limit));
  state_page page;
  while (builder.fetch()) {
    page.more = page.states.size() == limit;
    if (!page.more)
      page.states.push_back(state);
  }
  return page;
}

state_page run_query(connection& database, const list_products& query) {
  const auto words = folded_words(query.query);
  std::string sql = "select e.state from products p join entities e on e.id = p.id "
                    "where not p.withdrawn and p.id > :after";
  query_builder builder{database};
  builder.use(query.cursor_id, "after");
  for (std::size_t i = 0; i < words.size(); ++i) {
    const auto name = "word" + std::to_string(i);
    sql += (database.kind() == dialect::sqlite ? " and instr" : " and strpos");
    sql += "(p.search_text, :" + name + ") > 0";
    builder.use(words[i], name);
  }
  return fetch_states(builder, sql + " order by p.id", query.limit);
}

notification_page run_query(connection& database, const list_notifications& query) {
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
  if (!query.id.empty()) {
    sql += " and id = :id";
    builder.use(query.id, "id");
  }
  builder.into(notification.row.id);
  builder.into(notification.row.order);
  builder.into(notification.row.kind);
  builder.into(notification.row.text);
  builder.into(created_at);
  builder.into(read_at);
  builder.execute(sql + " order by id desc" + limit_of_page(query.limit));
  notification_page page;
  while (builder.fetch()) {
    page.more = page.notifications.size() == query.limit;
    if (page.more)
      break;
    notification.row.created_at = to_time(created_at);
    notification.read_at = to_optional_time(read_at);
    page.notifications.push_back(notification);
  }
  return page;
}

} // namespace waybill
