#include "persistence/journal/batch/sink_writer.hpp"

namespace waybill {

namespace {

using type = column::type;

// The progress of a sink that is there is written by a statement of its own.
constexpr std::string_view sinks_sql =
  "insert into sinks (id, password, log_cursor, last_success_at, last_failure_at, last_error) {rows} "
  "on conflict (id) do update set password = excluded.password";

std::string_view removed_sinks_sql(bool sqlite) {
  return sqlite ? "delete from sinks where id = :id" : "delete from sinks s using {unnest} where s.id = u.id";
}

std::string_view sink_progresses_sql(bool sqlite) {
  return sqlite ? "update sinks set log_cursor = :log_cursor, last_success_at = :last_success_at, "
                  "last_failure_at = :last_failure_at, last_error = :last_error where id = :id"
                : "update sinks s set log_cursor = u.log_cursor, last_success_at = u.last_success_at, "
                  "last_failure_at = u.last_failure_at, last_error = u.last_error from {unnest} where s.id = u.id";
}

void add_progress(bulk_statement& target, const std::string& cursor, const sink_progress& progress) {
  target.text(cursor)
    .number(to_number(progress.last_success_at))
    .number(to_number(progress.last_failure_at))
    .text(progress.last_error);
}

} // namespace

sink_writer::sink_writer(bulk_writer& statements, bool sqlite)
  : sinks_{statements.make(sinks_sql, {{"id"},
                                       {"password"},
                                       {"log_cursor"},
                                       {"last_success_at", type::bigint, true},
                                       {"last_failure_at", type::bigint, true},
                                       {"last_error"}})},
    removed_{statements.make(removed_sinks_sql(sqlite), {{"id"}})},
    progresses_{statements.make(sink_progresses_sql(sqlite), {{"id"},
                                                              {"log_cursor"},
                                                              {"last_success_at", type::bigint, true},
                                                              {"last_failure_at", type::bigint, true},
                                                              {"last_error"}})} {}

// Texts that are made here must stay until their row is complete: each row has a scope of its own.
void sink_writer::add(const batch_plan& plan) {
  for (const auto& [id, row] : plan.sinks) {
    if (row == nullptr) {
      removed_.text(id);
      continue;
    }
    const auto cursor = to_string(row->progress.cursor.bare());
    add_progress(sinks_.text(id).text(row->password), cursor, row->progress);
  }
  for (const auto& [id, row] : plan.sink_progresses) {
    const auto cursor = to_string(row->cursor.bare());
    add_progress(progresses_.text(id), cursor, *row);
  }
}

} // namespace waybill
