#include "persistence/retention/log_trimmer.hpp"

#include "domain/base/errors.hpp"
#include "persistence/queries/log/log_reader.hpp"
#include "persistence/queries/log/settled.hpp"
#include "persistence/rows/append_row.hpp"

#include <algorithm>
#include <ranges>

namespace waybill {

namespace {

class sql_log_trimmer : public log_trimmer {
public:
  sql_log_trimmer(const store_config& config, trim_limits limits) : database_{config, access::write}, limits_{limits} {}

  result<trim_plan> plan(const trim_bounds& bounds) override {
    return guarded([&]() -> result<trim_plan> { return make_plan(bounds); });
  }

  result<log_page> read(const log_range& range, log_position after) override {
    const auto limit = static_cast<std::uint32_t>(limits_.batch);
    return guarded([&]() -> result<log_page> {
      auto page = to_log_answer(read_log_page_behind(database_, std::max(after.bare(), range.begin), limit));
      if (!page)
        return page;
      // An archive outlives generations: it has places alone.
      for (auto& event : page->events)
        event.position = event.position.bare();
      std::erase_if(page->events, [&](const stored_event& event) { return event.position > range.end; });
      page->next = page->next.bare();
      return page;
    });
  }

  result<removed_batch> remove(const log_range& range) override {
    return guarded([&] { return remove_batch(range); });
  }

private:
  template <class Function>
  auto guarded(Function run) -> decltype(run()) {
    const connection::time_limit limit{database_};
    try {
      connection::require_reachable();
      auto outcome = run();
      database_.note_success();
      return outcome;
    } catch (const std::exception&) {
      auto reason = database_.explain(std::current_exception());
      // Rolls back the transaction under way.
      database_.disconnect();
      return reason;
    }
  }

  // -- choosing -------------------------------------------------------------------------------------------------------

  result<trim_plan> make_plan(const trim_bounds& bounds) {
    trim_plan plan{read_horizon(database_), std::nullopt, {}};
    if (plan.horizon.range)
      return plan;
    const auto from = plan.horizon.position;
    const auto end = find_end(bounds, plan);
    if (end == from)
      return plan;
    if (!record_range({from, end}))
      return failure{ec::conflict, "another node chose what is to be removed"};
    plan.horizon.range = log_range{from, end};
    return plan;
  }

  /// The last event that may go, or the horizon. Rows go whole.
  log_position find_end(const trim_bounds& bounds, trim_plan& plan) {
    // The newest event stays: otherwise SQLite would give its position to the next event.
    const auto newest = find_log_end(database_).bare();
    const auto not_beyond = bounds.not_beyond.bare();
    auto end = plan.horizon.position;
    for (std::uint64_t taken = 0; taken < limits_.range;) {
      const auto most = std::min(limits_.batch, limits_.range - taken);
      const auto rows = candidates(end, most);
      for (const auto& row : rows) {
        if (!plan.oldest)
          plan.oldest = row.oldest;
        if (row.last >= newest || row.last > not_beyond || row.newest >= bounds.recorded_before)
          return end;
        if (taken > 0 && taken + row.events > limits_.range)
          return end;
        if (!row.is_stored) {
          plan.held_by = row.stream;
          return end;
        }
        end = row.last;
        taken += row.events;
      }
      if (rows.size() < most)
        break;
    }
    return end;
  }

  /// A row of the log.
  struct candidate {
    /// The place of its last event.
    log_position last;
    std::uint64_t events = 0;
    timestamp oldest;
    timestamp newest;
    std::string stream;
    /// The stored state is of the version of the last event or a newer one. Then the row is not needed to load the
    /// entity, and a writer that knows only older versions is refused (docs/adr/0015).
    bool is_stored = false;
  };

  std::vector<candidate> candidates(log_position behind, std::uint64_t limit) {
    const auto& sql = log_sql_for(database_.kind());
    const auto visible = visible_now(database_);
    const position_values after{behind};
    append_row row;
    long long stored = 0;
    query_builder builder{database_};
    use_position(builder, database_.kind(), "after", after);
    row.bind(builder);
    builder.into(stored);
    builder.execute(
      "select " + append_row::columns(database_.kind())
      + ", coalesce((select n.version from entities n where n.id = appends.stream), 0) from appends where " + sql.behind
      + " and " + visible + " order by " + sql.order + " limit " + std::to_string(limit));
    std::vector<candidate> rows;
    while (builder.fetch()) {
      const auto events = row.events();
      const auto [oldest, newest] = std::ranges::minmax(events | std::views::transform(&stored_event::at));
      rows.push_back({events.back().position.bare(), events.size(), oldest, newest, row.stream,
                      static_cast<std::uint64_t>(stored) >= events.back().version});
    }
    return rows;
  }

  /// False when another process was first.
  bool record_range(const log_range& range) {
    const auto begin_txid = signed_number(range.begin.transaction);
    const auto begin_seq = signed_number(range.begin.sequence);
    const auto end_txid = signed_number(range.end.transaction);
    const auto end_seq = signed_number(range.end.sequence);
    soci::statement statement =
      (database_.session().prepare
         << "update event_horizon set begin_txid = :begin_txid, begin_seq = :begin_seq, end_txid = :end_txid, "
            "end_seq = :end_seq where txid = :txid and seq = :seq and end_txid = 0 and end_seq = 0",
       soci::use(begin_txid, "begin_txid"), soci::use(begin_seq, "begin_seq"), soci::use(end_txid, "end_txid"),
       soci::use(end_seq, "end_seq"), soci::use(begin_txid, "txid"), soci::use(begin_seq, "seq"));
    statement.execute(true);
    return statement.get_affected_rows() == 1;
  }

  // -- removing -------------------------------------------------------------------------------------------------------

  /// The end of a batch is looked up before the transaction, which must be short: until it ends, nobody can read the
  /// log beyond it (docs/adr/0001).
  result<removed_batch> remove_batch(const log_range& range) {
    const auto horizon = read_horizon(database_);
    if (horizon.range != range)
      return failure{ec::conflict, "another node removed these events"};
    const auto batch = end_of_batch(horizon.position, range.end);
    database_.begin();
    const auto count = delete_events(horizon.position, batch.position);
    const bool done = batch.position == range.end;
    if (!move_horizon(horizon.position, batch.position, batch.newest, count, done)) {
      database_.rollback();
      return failure{ec::conflict, "another node removed these events"};
    }
    database_.commit();
    const auto events = static_cast<std::uint64_t>(count);
    return removed_batch{{batch.position, std::max(horizon.at, batch.newest), horizon.removed + events,
                          done ? std::nullopt : std::optional{range}},
                         events};
  }

  struct batch_end {
    log_position position;
    timestamp newest;
  };

  batch_end end_of_batch(log_position horizon, log_position end_of_range) {
    batch_end end{horizon, {}};
    std::uint64_t count = 0;
    const auto rows = candidates(horizon, limits_.batch);
    bool is_last = rows.size() < limits_.batch;
    for (const auto& row : rows) {
      if (row.last > end_of_range) {
        is_last = true;
        break;
      }
      if (count > 0 && count + row.events > limits_.batch)
        return end;
      end.position = row.last;
      end.newest = std::max(end.newest, row.newest);
      count += row.events;
    }
    if (is_last)
      end.position = end_of_range;
    return end;
  }

  /// How many events that were.
  long long delete_events(log_position behind, log_position up_to) {
    const auto& sql = log_sql_for(database_.kind());
    const auto rows = " from appends where " + sql.behind + " and " + sql.up_to;
    long long events = 0;
    over_range(behind, up_to, "select coalesce(cast(sum(event_count) as bigint), 0)" + rows, &events);
    over_range(behind, up_to, "delete" + rows, nullptr);
    return events;
  }

  void over_range(log_position behind, log_position up_to, const std::string& sql, long long* count) {
    const position_values after{behind};
    const position_values end{up_to};
    query_builder builder{database_};
    use_position(builder, database_.kind(), "after", after);
    use_position(builder, database_.kind(), "end", end);
    if (count != nullptr)
      builder.into(*count);
    builder.execute(sql);
    if (count != nullptr)
      builder.fetch();
  }

  /// False when the horizon is not at `from` any more.
  bool move_horizon(log_position from, log_position to, timestamp newest, long long count, bool done) {
    const auto old_txid = signed_number(from.transaction);
    const auto old_seq = signed_number(from.sequence);
    const auto txid = signed_number(to.transaction);
    const auto seq = signed_number(to.sequence);
    const auto at = to_number(newest);
    soci::statement statement =
      (database_.session().prepare
         << std::string{"update event_horizon set txid = :txid, seq = :seq, at = case when at < :at then :at else at "
                        "end, removed = removed + :count"}
              + (done ? ", begin_txid = 0, begin_seq = 0, end_txid = 0, end_seq = 0" : "")
              + " where txid = :old_txid and seq = :old_seq",
       soci::use(txid, "txid"), soci::use(seq, "seq"), soci::use(at, "at"), soci::use(count, "count"),
       soci::use(old_txid, "old_txid"), soci::use(old_seq, "old_seq"));
    statement.execute(true);
    return statement.get_affected_rows() == 1;
  }

  connection database_;
  trim_limits limits_;
};

} // namespace

std::unique_ptr<log_trimmer> open_log_trimmer(const store_config& config, trim_limits limits) {
  return std::make_unique<sql_log_trimmer>(config, limits);
}

} // namespace waybill
