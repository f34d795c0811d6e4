#include "actors/audit/auditor.hpp"

#include "actors/audit/audit_metrics.hpp"
#include "actors/audit/audit_progress.hpp"
#include "actors/audit/audit_window.hpp"
#include "actors/entity/entity_support.hpp"
#include "domain/base/codec.hpp"
#include "domain/base/errors.hpp"
#include "messages/cluster/placement.hpp"

#include <caf/actor_system.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <deque>
#include <set>

namespace waybill {

namespace {

struct violation_found {
  static constexpr std::string_view type = "audit.violation_found";
  std::string invariant;
  std::string subject;
  std::string detail;
};
BOOST_DESCRIBE_STRUCT(violation_found, (), (invariant, subject, detail))

struct violation_cleared {
  static constexpr std::string_view type = "audit.violation_cleared";
  std::string invariant;
  std::string subject;
  std::string detail;
};
BOOST_DESCRIBE_STRUCT(violation_cleared, (), (invariant, subject, detail))

class auditor_state {
public:
  static inline const char* name = "waybill.auditor";

  auditor_state(auditor_actor::pointer self, entity_services services, audit_checker_actor checker,
                auditor_settings settings)
    : self_(self), services_(std::move(services)), checker_(std::move(checker)), settings_(settings),
      metrics_(self->system()) {}

  auditor_actor::behavior_type make_behavior() {
    return {[this](const placement& next) { place(next); }};
  }

private:
  enum class source { log, walk, recheck };

  /// A unit to look at, and why.
  struct task {
    std::string unit;
    source why = source::log;
    [[nodiscard]] bool is_thorough() const { return why != source::log; }
  };

  // -- placement ------------------------------------------------------------------------------------------------------

  void place(const placement& next) {
    if (!settings_.enabled || next.epoch < placement_.epoch)
      return;
    placement_ = next;
    std::vector<std::string> names;
    for (const auto& peer : next.peers)
      names.push_back(peer.node);
    const bool was_here =
      std::exchange(here_, !names.empty() && names[owner_of(shard_of(audit_stream), names)] == next.self);
    if (here_ && !was_here) {
      spdlog::info("the auditor of the cluster works on this node");
      load();
    }
    if (!here_) {
      ++round_;
      metrics_.lag->value(0);
      metrics_.open->value(0);
    }
  }

  /// Begins anew from what is durable; whatever is under way is of no interest any more.
  void load() {
    const auto round = ++round_;
    tasks_.clear();
    looking_at_.reset();
    caught_up_ = walk_turn_ = false;
    self_->request(services_.reader, caf::infinite, load_entity{entity_kind::auditor, audit_stream})
      .then(
        [this, round](const stored_entity& kept) {
          if (round == round_)
            on_loaded(kept);
        },
        [this, round](const caf::error&) { again(round, settings_.poll_interval, [this] { load(); }); });
  }

  void on_loaded(const stored_entity& kept) {
    version_ = kept.version;
    saved_at_ = now();
    if (kept.state.empty()) {
      begin_at_the_end();
      return;
    }
    auto progress = decode<audit_progress>(kept.state);
    if (!progress)
      spdlog::error("the auditor's progress cannot be read, it begins anew: {}", progress.error().detail);
    progress_ = progress ? std::move(*progress) : audit_progress{};
    metrics_.open->value(static_cast<std::int64_t>(progress_.open.size()));
    window_.reset(progress_.position);
    step();
  }

  /// What is there before the first auditor is the walk's business.
  void begin_at_the_end() {
    const auto round = round_;
    progress_ = {};
    self_->request(services_.reader, caf::infinite, get_log_end{})
      .then(
        [this, round](const log_position& end) {
          if (round != round_)
            return;
          progress_.position = end;
          window_.reset(end);
          dirty_ = true;
          step();
        },
        [this, round](const caf::error&) { again(round, settings_.poll_interval, [this] { load(); }); });
  }

  // -- one thing after the other --------------------------------------------------------------------------------------

  /// The next thing to do, when the budget allows it.
  void step() {
    if (const auto debt = free_at_ - now(); debt > shortest_nap) {
      again(round_, std::chrono::ceil<milliseconds>(debt), [this] { step(); });
      return;
    }
    if (dirty_ && now() - saved_at_ >= settings_.save_interval)
      save({});
    else if (!tasks_.empty())
      look(tasks_.front());
    else if (recheck_at_ <= now())
      plan_recheck();
    else if (std::exchange(walk_turn_, false) && walk())
      return;
    else if (window_.events() < settings_.window && (!caught_up_ || now() >= read_at_))
      read_page();
    else if (const auto unit = window_.front())
      look({*unit});
    else if (!walk())
      again(round_, settings_.poll_interval, [this] { step(); });
  }

  void spend(std::uint64_t rows) {
    metrics_.rows->inc(static_cast<std::int64_t>(rows));
    const auto cost = std::chrono::microseconds{rows * 1'000'000 / std::max(settings_.rows_per_second, 1U)};
    free_at_ = std::max(free_at_, now()) + cost;
  }

  void again(std::uint64_t round, milliseconds pause, std::function<void()> what) {
    self_->run_delayed(pause, [this, round, what = std::move(what)] {
      if (round == round_)
        what();
    });
  }

  /// Asks the checker; what comes after the auditor has moved or begun anew is dropped.
  template <class Answer, class Question, class OnAnswer>
  void ask(Question question, OnAnswer on_answer) {
    self_->request(checker_, caf::infinite, std::move(question))
      .then(
        [this, round = round_, on_answer](Answer& answer) {
          if (round == round_)
            on_answer(answer);
        },
        [this, round = round_](const caf::error& reason) {
          if (round == round_)
            on_no_answer(to_failure(reason));
        });
  }

  /// The database will be back; what it cannot answer at all must not be in the way of the rest.
  void on_no_answer(const failure& reason) {
    if (reason.code == ec::cursor_expired && !std::exchange(lost_place_, true))
      spdlog::warn("events that the auditor has not looked at were removed; it goes on with the oldest that are kept");
    if (reason.code != ec::unavailable && looking_at_) {
      const auto what = *looking_at_;
      spdlog::error("the audit leaves {} out: {}", what.unit, reason.detail);
      finish(what);
    }
    again(round_, settings_.poll_interval, [this] { step(); });
  }

  // -- following the log ----------------------------------------------------------------------------------------------

  void read_page() {
    ask<log_page>(read_log{window_.end(), {}, settings_.page_size, lost_place_}, [this](const log_page& page) {
      lost_place_ = false;
      caught_up_ = page.events.size() < settings_.page_size;
      read_at_ = now() + settings_.poll_interval;
      spend(page.events.size());
      window_.add(page);
      advance();
      step();
    });
  }

  /// Moves on over what was looked at; false when that is not a page yet.
  bool advance() {
    const auto [position, checked] = window_.advance();
    const auto oldest = window_.oldest();
    const auto lag = oldest ? std::max(now() - *oldest, timestamp::duration{0}) : timestamp::duration{0};
    metrics_.lag->value(std::chrono::duration<double>(lag).count());
    if (checked == 0)
      return false;
    progress_.position = position;
    progress_.events += checked;
    metrics_.events->inc(static_cast<std::int64_t>(checked));
    dirty_ = true;
    return true;
  }

  // -- walking over everything ----------------------------------------------------------------------------------------

  /// Takes the next steps of the walk, or begins a new one; false when it is not time.
  bool walk() {
    if (!progress_.is_walking()) {
      if (progress_.walk_began && now() - *progress_.walk_began < settings_.walk_interval)
        return false;
      progress_.walk_began = now();
      progress_.walk_after.clear();
    }
    constexpr std::uint32_t units = 20;
    ask<audit_unit_page>(list_audit_units{progress_.walk_after, units}, [this](audit_unit_page& page) {
      spend(page.units.size());
      if (page.units.empty())
        progress_.walked_at = now();
      for (auto& unit : page.units)
        tasks_.push_back({std::move(unit), source::walk});
      dirty_ = true;
      step();
    });
    return true;
  }

  void plan_recheck() {
    recheck_at_ = now() + settings_.recheck_interval;
    std::set<std::string> seen;
    for (const auto& one : progress_.open)
      if (seen.insert(one.unit).second)
        tasks_.push_back({one.unit, source::recheck});
    step();
  }

  // -- what is found --------------------------------------------------------------------------------------------------

  void look(const task& what) {
    looking_at_ = what;
    ask<audit_unit_report>(
      check_audit_unit{what.unit, what.is_thorough()}, [this, what](const audit_unit_report& report) {
        spend(report.rows + 1);
        const auto changes = enter(progress_, what.unit, report.found, what.is_thorough(), now(), settings_.most_open);
        finish(what);
        if (!changes.found.empty() || !changes.cleared.empty())
          tell(changes);
        else
          step();
      });
  }

  void finish(const task& what) {
    looking_at_.reset();
    dirty_ = true;
    if (what.why == source::log)
      window_.done(what.unit);
    else
      tasks_.pop_front();
    if (what.why == source::walk)
      progress_.walk_after = what.unit;
    // A log that never rests must not keep the walk from moving.
    if (advance())
      walk_turn_ = true;
  }

  void tell(const audit_changes& changes) {
    std::vector<new_event> events;
    for (const auto& one : changes.found) {
      metrics_.violations->get_or_add({{"invariant", one.invariant}})->inc();
      spdlog::error("audit: {} does not hold for {}: {}", one.invariant, one.subject, one.detail);
      if (progress_.is_open(one))
        events.push_back(
          {std::string{violation_found::type}, 1, encode(violation_found{one.invariant, one.subject, one.detail})});
    }
    for (const auto& one : changes.cleared) {
      spdlog::info("audit: {} holds again for {}: {}", one.what.invariant, one.what.subject, one.what.detail);
      events.push_back({std::string{violation_cleared::type}, 1,
                        encode(violation_cleared{one.what.invariant, one.what.subject, one.what.detail})});
    }
    metrics_.open->value(static_cast<std::int64_t>(progress_.open.size()));
    save(std::move(events));
  }

  void save(std::vector<new_event> events) {
    progress_.saved_at = now();
    append request;
    request.kind = entity_kind::auditor;
    request.stream = audit_stream;
    request.expected_version = version_;
    request.at = now();
    request.origin.by_id = "auditor";
    request.events = std::move(events);
    request.snapshot = entity_snapshot{1, encode(progress_), false, std::nullopt};
    const auto& journal = services_.journals[shard_of(audit_stream) % services_.journals.size()];
    self_->request(journal, caf::infinite, std::move(request))
      .then(
        [this, round = round_](const appended& answer) {
          if (round != round_)
            return;
          version_ = answer.version;
          saved_at_ = now();
          dirty_ = false;
          step();
        },
        [this, round = round_](const caf::error& reason) {
          spdlog::info("the auditor could not write, reading its progress again: {}", to_failure(reason).detail);
          again(round, settings_.poll_interval, [this] { load(); });
        });
  }

  timestamp now() const { return services_.clock(); }

  static constexpr milliseconds shortest_nap{20};

  auditor_actor::pointer self_;
  entity_services services_;
  audit_checker_actor checker_;
  auditor_settings settings_;
  audit_metrics metrics_;
  placement placement_;
  bool here_ = false;
  /// Answers to questions of earlier rounds are dropped.
  std::uint64_t round_ = 0;
  audit_progress progress_;
  std::uint64_t version_ = 0;
  bool dirty_ = false;
  timestamp saved_at_;
  /// When what was read so far is paid for.
  timestamp free_at_;
  audit_window window_;
  /// Of the walk and of what is looked at again; before what moved.
  std::deque<task> tasks_;
  std::optional<task> looking_at_;
  /// A part of the log is done: it is the walk's turn.
  bool walk_turn_ = false;
  bool caught_up_ = false;
  /// What follows its place in the log was removed.
  bool lost_place_ = false;
  timestamp read_at_;
  timestamp recheck_at_;
};

} // namespace

auditor_actor spawn_auditor(caf::actor_system& sys, const entity_services& services, const audit_checker_actor& checker,
                            const auditor_settings& settings) {
  return sys.spawn<auditor_actor::stateful_impl<auditor_state>>(services, checker, settings);
}

result<log_position> audit_position(const stored_entity& kept) {
  if (kept.state.empty())
    return log_position{};
  const auto progress = decode<audit_progress>(kept.state);
  if (!progress)
    return progress.error();
  return progress->position;
}

result<audit_report> make_audit_report(const stored_entity& kept, const log_page& next, timestamp now) {
  audit_report report;
  if (!next.events.empty())
    report.behind = std::max(milliseconds{0}, std::chrono::duration_cast<milliseconds>(now - next.events.front().at));
  if (kept.state.empty())
    return report;
  const auto progress = decode<audit_progress>(kept.state);
  if (!progress)
    return progress.error();
  for (const auto& one : progress->open)
    report.open.push_back({one.what, one.found_at});
  report.found = progress->found;
  report.events = progress->events;
  report.units = progress->units;
  report.position = progress->position;
  report.walked_at = progress->walked_at;
  report.saved_at = progress->saved_at;
  return report;
}

} // namespace waybill
