#include "domain/base/errors.hpp"
#include "persistence/journal/batch/batch_writer.hpp"
#include "persistence/journal/batch/sql_facts.hpp"
#include "persistence/log/held_up.hpp"
#include "persistence/store.hpp"

#include <algorithm>
#include <utility>

namespace waybill {

namespace {

// Each lost round means that another writer has committed.
constexpr int max_rounds = 20;

/// Writes in rounds. The first round takes for granted that every append builds on the newest version of its stream,
/// and lets the version checks prove it. If they fail, the next rounds look up the versions first and leave out the
/// appends that lost.
class sql_journal : public journal_store {
public:
  sql_journal(const store_config& config, std::string node)
    : database_{config, access::write}, facts_{database_, node}, writer_{database_, std::move(node)} {}

  ~sql_journal() override {
    // Closing a prepared statement sends a message to the server, too.
    const connection::time_limit limit{database_};
    reset_statements();
  }

  result<std::vector<result<appended>>> commit(std::span<const append> batch) override {
    auto outcome = attempt(batch);
    // What the database refuses for other reasons than a conflict must not take the rest of the batch with it.
    if (outcome || outcome.error().code != ec::internal)
      return outcome;
    std::vector<result<appended>> outcomes;
    bool is_void = false;
    for (std::size_t i = 0; i < batch.size(); ++i) {
      if (is_void && batch[i].epoch != 0) {
        outcomes.emplace_back(failure{ec::conflict, "an append that was placed before this one was refused"});
        continue;
      }
      auto single = batch.size() == 1 ? outcome : attempt(batch.subspan(i, 1));
      if (single)
        outcomes.push_back(single->front());
      else if (single.error().code == ec::internal)
        outcomes.emplace_back(single.error());
      else
        return single;
      is_void = is_void || (!outcomes.back() && batch[i].is_built_on);
    }
    return outcomes;
  }

  result<void> probe() override {
    const connection::time_limit limit{database_};
    try {
      connection::require_reachable();
      database_.require_room();
      database_.begin();
      database_.session() << "update event_horizon set only_row = only_row";
      database_.commit();
      return {};
    } catch (const std::exception&) {
      auto reason = database_.explain(std::current_exception());
      drop_connection();
      return reason;
    }
  }

private:
  result<std::vector<result<appended>>> attempt(std::span<const append> batch) {
    const connection::time_limit limit{database_};
    bool look_first = doubts_callers_;
    for (int round = 0; round < max_rounds; ++round) {
      try {
        connection::require_reachable();
        if (is_log_replaced() || rests_on_another_log(batch)) {
          writer_.reset();
          return refuse_all(batch.size());
        }
        if (auto outcomes = run_round(batch, look_first))
          return std::move(*outcomes);
      } catch (const std::exception& problem) {
        if (!is_contention(problem)) {
          auto reason = database_.explain(std::current_exception());
          // What a session has prepared may be what is wrong with it.
          if (reason.code == ec::unavailable)
            drop_connection();
          else
            end_round();
          return reason;
        }
      }
      end_round();
      look_first = true;
    }
    return failure{ec::unavailable, "too many writers at once"};
  }

  /// Nothing when another writer was first.
  std::optional<std::vector<result<appended>>> run_round(std::span<const append> batch, bool look_first) {
    auto plan = look_first ? std::nullopt : make_plan(batch, nullptr);
    const bool begun = !plan;
    if (!plan) {
      database_.begin();
      if (database_.kind() == dialect::postgresql)
        database_.session() << announce_events;
      plan = make_plan(batch, &facts_);
    }
    if (plan->is_empty()) {
      if (begun)
        database_.rollback();
      return std::move(plan->outcomes);
    }
    if (!writer_.write(*plan, !begun))
      return std::nullopt;
    database_.commit();
    writer_.note_committed(*plan);
    if (const auto& row = writer_.newest_row())
      database_.remember(*row);
    return std::move(plan->outcomes);
  }

  /// Whether the log is another one than at the last commit: then what the callers know of their streams may never have
  /// been. From then on each append is compared with what is stored, because some of them know it still.
  bool is_log_replaced() {
    database_.session();
    const auto replacements = database_.watch().replacements();
    const bool replaced = std::exchange(replacements_, replacements) != replacements;
    doubts_callers_ = doubts_callers_ || replaced;
    return replaced;
  }

  /// What a message led to that was on its way while the log was replaced is placed after that, but builds on what is
  /// not there.
  [[nodiscard]] bool rests_on_another_log(std::span<const append> batch) const {
    const auto generation = database_.watch().generation();
    return std::ranges::any_of(
      batch, [&](const append& request) { return request.generation.value_or(generation) != generation; });
  }

  static std::vector<result<appended>> refuse_all(std::size_t count) {
    const failure reason{ec::conflict, "the event log was replaced: what this builds on is not there any more"};
    return std::vector<result<appended>>(count, reason);
  }

  void end_round() {
    if (!database_.rollback())
      drop_connection();
  }

  void drop_connection() {
    reset_statements();
    database_.disconnect();
  }

  void reset_statements() {
    facts_.reset();
    writer_.reset();
  }

  connection database_;
  /// Of the log, until the last commit.
  std::uint64_t replacements_ = 0;
  bool doubts_callers_ = false;
  sql_facts facts_;
  batch_writer writer_;
};

} // namespace

std::unique_ptr<journal_store> open_journal_store(const store_config& config, std::string node) {
  return std::make_unique<sql_journal>(config, std::move(node));
}

} // namespace waybill
