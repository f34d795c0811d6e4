#include "actors/audit/auditor.hpp"

#include "actors/audit/audit_metrics.hpp"
#include "actors/audit/audit_progress.hpp"
#include "actors/audit/audit_window.hpp"
#include "actors/entity/entity_support.hpp"
#include "domain/base/errors.hpp"
#include "domain/base/log.hpp"
#include "domain/json/codec.hpp"
#include "messages/cluster/cluster_singleton.hpp"
#include "messages/cluster/placement.hpp"

#include <caf/actor_system.hpp>
#include <caf/typed_event_based_actor.hpp>

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
    if (!settings_.enabled || !singleton_.replace(next))
      return;
    const bool was_here = std::exchange(here_, singleton_.is_here());
    if (here_ && !was_here) {
      log_info("the auditor of the cluster works on this node");
      load();
    }
    if (!here_) {
      ++round_;
      metrics_.lag->value(0);
      metrics_.open->value(0);
    }
  }

  /// Begins again from the stored progress; answers to earlier requests are dropped.
  void load() {
    const auto round = ++round_;
    tasks_.clear();
    looking_at_.reset();
    caught_up_ = walk_turn_ = false;
    self_->request(services_.reader, bounded_elsewhere, load_entity{entity_kind::auditor, audit_stream})
      .then(
        [this, round](const stored_entity& stored) {
          if (round == round_)
            on_loaded(stored);
        },
        [this, round](const caf::error&) { again(round, settings_.poll_interval, [this] { load(); }); });
  }

  void on_loaded(const stored_entity& stored) {
    version_ = stored.version;
    saved_at_ = now();
    if (stored.state.empty()) {
      begin_at_the_end();
      return;
    }
    auto progress = decode<audit_progress>(stored.state);
    if (!progress)
      log_error("the auditor's progress cannot be read, it begins again: {}", progress.error().detail);
    progress_ = progress ? std::move(*progress) : audit_progress{};
    progress_.position = progress_.position.of_generation(stored.generation);
    lost_place_ = expired_ == progress_.position;
    if (std::exchange(expired_, std::nullopt) && lost_place_)
      log_warning("events that the auditor has not checked were removed; it continues with the oldest that are kept");
    metrics_.open->value(static_cast<std::int64_t>(progress_.open.size()));
    window_.reset(progress_.position);
    step();
  }

  /// Events before the first auditor are not followed: the walk checks their units.
  void begin_at_the_end() {
    const auto round = round_;
    progress_ = {};
    self_->request(services_.reader, bounded_elsewhere, get_log_end{})
      .then(
        [this, round](const log_position& end) {
          if (round != round_)
            return;
          window_.reset(progress_.position = end);
          dirty_ = true;
          step();
        },
        [this, round](const caf::error&) { again(round, settings_.poll_interval, [this] { load(); }); });
  }

  // -- one step after the other ---------------------------------------------------------------------------------------

  /// Takes the next step when the budget allows it.
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

  void again(std::uint64_t round, milliseconds pause, std::function<void()> action) {
    self_->run_delayed(pause, [this, round, action = std::move(action)] {
      if (round == round_)
        action();
    });
  }

  /// Asks the checker; answers of an earlier round are dropped.
  template <class Answer, class Question, class OnAnswer>
  void ask(Question question, OnAnswer on_answer) {
    self_->request(checker_, bounded_elsewhere, std::move(question))
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

  /// Tries again when the database was not available. A unit that cannot be checked for another reason is left out.
  void on_no_answer(const failure& reason) {
    // Removed, or the log was replaced: then what is stored is of the new log, and ends somewhere else.
    if (reason.code == ec::cursor_expired) {
      expired_ = progress_.position;
      return again(round_, settings_.poll_interval, [this] { load(); });
    }
    if (reason.code != ec::unavailable && looking_at_) {
      const auto failed = *looking_at_;
      log_error("the audit skips {}: {}", failed.unit, reason.detail);
      finish(failed);
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

  /// Moves the position over what was checked; false when that is not a whole page yet.
  bool advance() {
    const auto [position, checked] = window_.advance();
    const auto oldest = window_.oldest();
    auto lag = oldest ? std::max(now() - *oldest, timestamp::duration{0}) : timestamp::duration{0};
    if (settings_.unread_age)
      lag = std::max<timestamp::duration>(lag, settings_.unread_age());
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
    for (const auto& violation : progress_.open)
      if (seen.insert(violation.unit).second)
        tasks_.push_back({violation.unit, source::recheck});
    step();
  }

  // -- checking -------------------------------------------------------------------------------------------------------

  void look(const task& next) {
    looking_at_ = next;
    ask<audit_unit_report>(
      check_audit_unit{next.unit, next.is_thorough()}, [this, next](const audit_unit_report& report) {
        spend(report.rows + 1);
        const auto changes = enter(progress_, next.unit, report.found, next.is_thorough(), now(), settings_.most_open);
        finish(next);
        if (!changes.found.empty() || !changes.cleared.empty())
          tell(changes);
        else
          step();
      });
  }

  void finish(const task& ended) {
    looking_at_.reset();
    dirty_ = true;
    if (ended.why == source::log)
      window_.done(ended.unit);
    else
      tasks_.pop_front();
    if (ended.why == source::walk)
      progress_.walk_after = ended.unit;
    // A log that never rests must not keep the walk from moving.
    if (advance())
      walk_turn_ = true;
  }

  void tell(const audit_changes& changes) {
    std::vector<new_event> events;
    for (const auto& violation : changes.found) {
      metrics_.violations->get_or_add({{"invariant", violation.invariant}})->inc();
      log_error("audit: {} does not hold for {}: {}", violation.invariant, violation.subject, violation.detail);
      if (progress_.is_open(violation))
        events.push_back({std::string{violation_found::type}, 1,
                          encode(violation_found{violation.invariant, violation.subject, violation.detail})});
    }
    for (const auto& cleared : changes.cleared) {
      log_info("audit: {} holds again for {}: {}", cleared.what.invariant, cleared.what.subject, cleared.what.detail);
      events.push_back({std::string{violation_cleared::type}, 1,
                        encode(violation_cleared{cleared.what.invariant, cleared.what.subject, cleared.what.detail})});
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
    request.generation = progress_.position.generation;
    request.at = now();
    request.origin.by_id = "auditor";
    request.events = std::move(events);
    request.snapshot = entity_snapshot{1, encode(progress_), false, std::nullopt};
    self_->request(services_.journal_of(audit_stream), bounded_elsewhere, std::move(request))
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
          log_info("the auditor could not write, reading its progress again: {}", to_failure(reason).detail);
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
  cluster_singleton singleton_{audit_stream};
  bool here_ = false;
  /// Grows with each start; answers to requests of earlier rounds are dropped.
  std::uint64_t round_ = 0;
  audit_progress progress_;
  std::uint64_t version_ = 0;
  bool dirty_ = false;
  timestamp saved_at_;
  /// When the budget allows the next read.
  timestamp free_at_;
  audit_window window_;
  /// Units of the walk and units to be checked again; they come before the log.
  std::deque<task> tasks_;
  std::optional<task> looking_at_;
  /// A page of the log was checked: the walk is next.
  bool walk_turn_ = false;
  bool caught_up_ = false;
  /// Events behind its position were removed; the position at which the log could not be read on.
  bool lost_place_ = false;
  std::optional<log_position> expired_;
  timestamp read_at_;
  timestamp recheck_at_;
};

} // namespace

auditor_actor spawn_auditor(caf::actor_system& sys, const entity_services& services, const audit_checker_actor& checker,
                            const auditor_settings& settings) {
  return sys.spawn<auditor_actor::stateful_impl<auditor_state>>(services, checker, settings);
}

} // namespace waybill
