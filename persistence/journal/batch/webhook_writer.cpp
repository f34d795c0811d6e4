#include "persistence/journal/batch/webhook_writer.hpp"

#include "domain/json/codec.hpp"

namespace waybill {

namespace {

using type = column::type;

// The progress of an endpoint that is there is written by statements of its own.
constexpr std::string_view webhooks_sql =
  "insert into webhook_endpoints (id, enabled, secret, previous_secret, previous_until, log_cursor, needed_after, "
  "replayed_to, backlog, last_success_at, last_failure_at, last_error) {rows} on conflict (id) do update set "
  "enabled = excluded.enabled, secret = excluded.secret, previous_secret = excluded.previous_secret, "
  "previous_until = excluded.previous_until";

std::string_view removed_webhooks_sql(bool sqlite) {
  return sqlite ? "delete from webhook_endpoints where id = :id"
                : "delete from webhook_endpoints w using {unnest} where w.id = u.id";
}

std::string_view webhook_progresses_sql(bool sqlite) {
  return sqlite ? "update webhook_endpoints set log_cursor = :log_cursor, needed_after = :needed_after, "
                  "replayed_to = :replayed_to, backlog = :backlog, last_success_at = :last_success_at, "
                  "last_failure_at = :last_failure_at, last_error = :last_error where id = :id"
                : "update webhook_endpoints w set log_cursor = u.log_cursor, needed_after = u.needed_after, "
                  "replayed_to = u.replayed_to, backlog = u.backlog, last_success_at = u.last_success_at, "
                  "last_failure_at = u.last_failure_at, last_error = u.last_error from {unnest} where w.id = u.id";
}

constexpr std::string_view webhook_deliveries_sql =
  "insert into webhook_deliveries (endpoint_id, log_position, message_id, stream, version, type, status, attempts, "
  "last_status, last_error, last_duration_ms, next_attempt_at, created_at, changed_at) {rows} "
  "on conflict (endpoint_id, log_position) do update set status = excluded.status, attempts = excluded.attempts, "
  "last_status = excluded.last_status, last_error = excluded.last_error, "
  "last_duration_ms = excluded.last_duration_ms, next_attempt_at = excluded.next_attempt_at, "
  "created_at = excluded.created_at, changed_at = excluded.changed_at";

std::string_view forgotten_webhook_deliveries_sql(bool sqlite) {
  return sqlite ? "delete from webhook_deliveries where endpoint_id = :endpoint_id and log_position = :log_position"
                : "delete from webhook_deliveries d using {unnest} where d.endpoint_id = u.endpoint_id "
                  "and d.log_position = u.log_position";
}

} // namespace

webhook_writer::webhook_writer(bulk_writer& statements, bool sqlite)
  : endpoints_{statements.make(webhooks_sql, {{"id"},
                                              {"enabled", type::boolean},
                                              {"secret"},
                                              {"previous_secret"},
                                              {"previous_until", type::bigint, true},
                                              {"log_cursor"},
                                              {"needed_after"},
                                              {"replayed_to"},
                                              {"backlog", type::bigint},
                                              {"last_success_at", type::bigint, true},
                                              {"last_failure_at", type::bigint, true},
                                              {"last_error"}})},
    removed_{statements.make(removed_webhooks_sql(sqlite), {{"id"}})},
    progresses_{statements.make(webhook_progresses_sql(sqlite), {{"id"},
                                                                 {"log_cursor"},
                                                                 {"needed_after"},
                                                                 {"replayed_to"},
                                                                 {"backlog", type::bigint},
                                                                 {"last_success_at", type::bigint, true},
                                                                 {"last_failure_at", type::bigint, true},
                                                                 {"last_error"}})},
    deliveries_{statements.make(webhook_deliveries_sql, {{"endpoint_id"},
                                                         {"log_position"},
                                                         {"message_id"},
                                                         {"stream"},
                                                         {"version", type::bigint},
                                                         {"type"},
                                                         {"status"},
                                                         {"attempts", type::bigint},
                                                         {"last_status", type::bigint},
                                                         {"last_error"},
                                                         {"last_duration_ms", type::bigint},
                                                         {"next_attempt_at", type::bigint, true},
                                                         {"created_at", type::bigint},
                                                         {"changed_at", type::bigint}})},
    forgotten_{statements.make(forgotten_webhook_deliveries_sql(sqlite), {{"endpoint_id"}, {"log_position"}})} {}

// Texts that are made here must stay until their row is complete: each row has a scope of its own.
void webhook_writer::add(const batch_plan& plan) {
  const auto add_progress = [](bulk_statement& target, const webhook_progress& progress) {
    const auto cursor = to_string(progress.cursor.bare());
    const auto needed_after = to_string(progress.needed_after.bare());
    const auto replayed_to = to_string(progress.replayed_to.bare());
    target.text(cursor)
      .text(needed_after)
      .text(replayed_to)
      .number(progress.backlog)
      .number(to_number(progress.last_success_at))
      .number(to_number(progress.last_failure_at))
      .text(progress.last_error);
  };
  for (const auto& [id, row] : plan.webhooks) {
    if (row == nullptr) {
      removed_.text(id);
      continue;
    }
    endpoints_.text(id)
      .number(row->enabled ? 1 : 0)
      .text(row->secret)
      .text(row->previous_secret)
      .number(to_number(row->previous_until));
    add_progress(endpoints_, row->progress);
  }
  for (const auto& [id, row] : plan.webhook_progresses)
    add_progress(progresses_.text(id), *row);
  for (const auto& [key, row] : plan.webhook_deliveries) {
    const auto position = to_string(key.second.bare());
    if (row == nullptr) {
      forgotten_.text(key.first).text(position);
      continue;
    }
    const auto& delivery = row->delivery;
    deliveries_.text(key.first)
      .text(position)
      .text(row->message)
      .text(row->stream)
      .number(signed_number(row->version))
      .text(row->type)
      .text(name_of(delivery.status))
      .number(delivery.attempts)
      .number(delivery.last_status)
      .text(delivery.last_error)
      .number(delivery.last_duration_ms)
      .number(to_number(delivery.next_attempt_at))
      .number(to_number(delivery.created_at))
      .number(to_number(delivery.changed_at));
  }
}

} // namespace waybill
