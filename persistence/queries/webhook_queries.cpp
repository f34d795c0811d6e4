#include "persistence/queries/webhook_queries.hpp"

#include "domain/json/codec.hpp"
#include "persistence/database/query_builder.hpp"
#include "persistence/queries/list_page.hpp"
#include "persistence/queries/log/event_horizon.hpp"

#include <stdexcept>

namespace waybill {

namespace {

// Stored places belong to the log that the database has: after a restore they are of its generation as well.
log_position to_position(const std::string& text) {
  const auto position = parse_log_position(text);
  if (!position)
    throw std::runtime_error{"a position of a webhook endpoint cannot be read"};
  return *position;
}

class progress_columns {
public:
  progress_columns(query_builder& builder, std::uint64_t generation) : generation_{generation} {
    builder.into(progress_.id);
    builder.into(cursor_);
    builder.into(needed_after_);
    builder.into(replayed_to_);
    builder.into(backlog_);
    builder.into(last_success_at_);
    builder.into(last_failure_at_);
    builder.into(progress_.last_error);
  }

  static constexpr auto names = "w.id, w.log_cursor, w.needed_after, w.replayed_to, w.backlog, "
                                "coalesce(w.last_success_at, -1), coalesce(w.last_failure_at, -1), w.last_error";

  [[nodiscard]] webhook_progress get() const {
    auto result = progress_;
    result.cursor = to_position(cursor_).of_generation(generation_);
    result.needed_after = to_position(needed_after_).of_generation(generation_);
    result.replayed_to = to_position(replayed_to_).of_generation(generation_);
    result.backlog = static_cast<std::uint32_t>(backlog_);
    result.last_success_at = to_optional_time(last_success_at_);
    result.last_failure_at = to_optional_time(last_failure_at_);
    return result;
  }

private:
  std::uint64_t generation_;
  webhook_progress progress_;
  std::string cursor_;
  std::string needed_after_;
  std::string replayed_to_;
  long long backlog_ = 0;
  long long last_success_at_ = 0;
  long long last_failure_at_ = 0;
};

webhook::delivery_status to_status(const std::string& text) {
  using enum webhook::delivery_status;
  for (const auto status : {pending, delivered, failed})
    if (name_of(status) == text)
      return status;
  throw std::runtime_error{"a status of a webhook delivery cannot be read"};
}

class delivery_columns {
public:
  delivery_columns(query_builder& builder, std::uint64_t generation) : generation_{generation} {
    builder.into(row_.endpoint);
    builder.into(position_);
    builder.into(row_.message);
    builder.into(row_.stream);
    builder.into(version_);
    builder.into(row_.type);
    builder.into(status_);
    builder.into(attempts_);
    builder.into(last_status_);
    builder.into(row_.delivery.last_error);
    builder.into(duration_);
    builder.into(next_attempt_at_);
    builder.into(created_at_);
    builder.into(changed_at_);
  }

  static constexpr auto select =
    "select endpoint_id, log_position, message_id, stream, version, type, status, attempts, last_status, last_error, "
    "last_duration_ms, coalesce(next_attempt_at, -1), created_at, changed_at from webhook_deliveries "
    "where endpoint_id = :endpoint";

  [[nodiscard]] webhook_delivery_row get() const {
    auto result = row_;
    result.position = to_position(position_).of_generation(generation_);
    result.version = static_cast<std::uint64_t>(version_);
    auto& delivery = result.delivery;
    delivery.status = to_status(status_);
    delivery.attempts = static_cast<std::uint32_t>(attempts_);
    delivery.last_status = static_cast<std::uint32_t>(last_status_);
    delivery.last_duration_ms = duration_;
    delivery.next_attempt_at = to_optional_time(next_attempt_at_);
    delivery.created_at = to_time(created_at_);
    delivery.changed_at = to_time(changed_at_);
    return result;
  }

private:
  std::uint64_t generation_;
  webhook_delivery_row row_;
  std::string position_;
  std::string status_;
  long long version_ = 0;
  long long attempts_ = 0;
  long long last_status_ = 0;
  long long duration_ = 0;
  long long next_attempt_at_ = 0;
  long long created_at_ = 0;
  long long changed_at_ = 0;
};

} // namespace

std::optional<webhook_row> read_webhook(connection& database, const std::string& id) {
  webhook_row row;
  int enabled = 0;
  long long previous_until = 0;
  const auto generation = find_log_bounds(database).generation;
  query_builder builder{database};
  builder.use(id, "wanted");
  const progress_columns progress{builder, generation};
  builder.into(enabled);
  builder.into(row.secret);
  builder.into(row.previous_secret);
  builder.into(previous_until);
  builder.execute(std::string{"select "} + progress_columns::names
                  + ", case when w.enabled then 1 else 0 end, w.secret, w.previous_secret, "
                    "coalesce(w.previous_until, -1) from webhook_endpoints w where w.id = :wanted");
  if (!builder.fetch())
    return std::nullopt;
  row.id = id;
  row.enabled = enabled != 0;
  row.previous_until = to_optional_time(previous_until);
  row.progress = progress.get();
  return row;
}

webhook_page run_query(connection& database, const list_webhooks& query) {
  std::string state;
  const auto generation = find_log_bounds(database).generation;
  query_builder builder{database};
  builder.use(query.cursor_id, "after");
  const progress_columns progress{builder, generation};
  builder.into(state);
  builder.execute(std::string{"select "} + progress_columns::names
                  + ", e.state from webhook_endpoints w join entities e on e.id = w.id where w.id > :after "
                    "order by w.id"
                  + limit_of_page(query.limit));
  webhook_page page;
  while (builder.fetch()) {
    page.more = page.webhooks.size() == query.limit;
    if (page.more)
      break;
    page.webhooks.push_back({state, progress.get()});
  }
  return page;
}

webhook_delivery_page run_query(connection& database, const list_webhook_deliveries& query) {
  const auto status = query.status ? std::string{name_of(*query.status)} : std::string{};
  const auto ended_before = to_number(query.ended_before);
  const auto cursor = query.cursor ? to_string(query.cursor->bare()) : std::string{};
  const auto generation = find_log_bounds(database).generation;
  std::string sql = delivery_columns::select;
  query_builder builder{database};
  builder.use(query.endpoint, "endpoint");
  const auto add_if = [&](bool applies, const char* term, const auto& value, const char* name) {
    if (!applies)
      return;
    sql += term;
    builder.use(value, name);
  };
  add_if(query.status.has_value(), " and status = :status", status, "status");
  add_if(!query.message.empty(), " and message_id = :message", query.message, "message");
  add_if(query.ended_before.has_value(), " and status <> 'pending' and changed_at < :ended_before", ended_before,
         "ended_before");
  add_if(query.cursor.has_value(), query.oldest_first ? " and log_position > :after" : " and log_position < :after",
         cursor, "after");
  const delivery_columns columns{builder, generation};
  // Without an order when old messages are looked for to be removed: then the index of their times alone is used.
  if (!query.ended_before)
    sql += query.oldest_first ? " order by log_position" : " order by log_position desc";
  builder.execute(sql + limit_of_page(query.limit));
  webhook_delivery_page page;
  while (builder.fetch()) {
    page.more = page.deliveries.size() == query.limit;
    if (page.more)
      break;
    page.deliveries.push_back(columns.get());
  }
  return page;
}

} // namespace waybill
