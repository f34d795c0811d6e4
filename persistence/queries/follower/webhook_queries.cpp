#include "persistence/queries/follower/webhook_queries.hpp"

#include "domain/json/codec.hpp"
#include "persistence/queries/follower/follower_columns.hpp"

#include <stdexcept>

namespace waybill {

namespace {

constexpr auto unreadable_position = "a position of a webhook endpoint cannot be read";

class progress_columns {
public:
  progress_columns(query_builder& builder, std::uint64_t generation) : common_{builder}, generation_{generation} {
    builder.into(needed_after_);
    builder.into(replayed_to_);
    builder.into(backlog_);
  }

  static std::string names() {
    return std::string{follower_columns::names} + ", f.needed_after, f.replayed_to, f.backlog";
  }

  [[nodiscard]] webhook_progress get() const {
    const auto position = [this](const std::string& text) {
      return to_position(text, generation_, unreadable_position);
    };
    return {common_.get(generation_, unreadable_position), position(needed_after_), position(replayed_to_),
            static_cast<std::uint32_t>(backlog_)};
  }

private:
  follower_columns common_;
  std::uint64_t generation_;
  std::string needed_after_;
  std::string replayed_to_;
  long long backlog_ = 0;
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
    result.position = to_position(position_, generation_, unreadable_position);
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
  builder.execute("select " + progress_columns::names()
                  + ", case when f.enabled then 1 else 0 end, f.secret, f.previous_secret, "
                    "coalesce(f.previous_until, -1) from webhook_endpoints f where f.id = :wanted");
  if (!builder.fetch())
    return std::nullopt;
  row.id = id;
  row.enabled = enabled != 0;
  row.previous_until = to_optional_time(previous_until);
  row.progress = progress.get();
  return row;
}

webhook_page run_query(connection& database, const list_webhooks& query) {
  webhook_page page;
  page.more =
    fetch_followers<progress_columns>(database, "webhook_endpoints", query.cursor_id, query.limit, page.webhooks);
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
  page.more = fetch_page(builder, query.limit, page.deliveries, [&] { return columns.get(); });
  return page;
}

} // namespace waybill
