#include "actors/auditor.hpp"

#include "actors/audit_progress.hpp"
#include "actors/entity_support.hpp"
#include "domain/codec.hpp"
#include "messages/placement.hpp"

#include <caf/actor_system.hpp>
#include <caf/telemetry/counter.hpp>
#include <caf/telemetry/gauge.hpp>
#include <caf/telemetry/metric_family_impl.hpp>
#include <caf/telemetry/metric_registry.hpp>
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

struct audit_metrics {
  explicit audit_metrics(caf::actor_system& sys)
    : violations(sys.metrics().counter_family("waybill", "audit-violations", {"invariant"},
                                              "Violations of an invariant that the auditor found.", "1", true)),
      events(sys.metrics().counter_singleton("waybill", "audit-events", "Events the auditor replayed.", "1", true)),
      rows(sys.metrics().counter_singleton("waybill", "audit-rows", "Rows the auditor read.", "1", true)),
      lag(sys.metrics().gauge_singleton<double>(
        "waybill", "audit-lag", "Age of the oldest event that the auditor has not checked.", "seconds")),
      open(sys.metrics().gauge_singleton("waybill", "audit-open-violations", "Violations not known to be gone.")) {
    // Present from the beginning, so that an alarm can be set on them.
    for (const auto* invariant : {"I1", "I2", "I3", "I4", "I5", "I6", "I7"})
      violations->get_or_add({{"invariant", invariant}});
  }

  caf::telemetry::metric_family_impl<caf::telemetry::int_counter>* violations;
  caf::telemetry::int_counter* events;
  caf::telemetry::int_counter* rows;
  caf::telemetry::dbl_gauge* lag;
  caf::telemetry::int_gauge* open;
};

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
  /// A unit to look at, and on whose behalf.
  struct task {
    std::string unit;
    bool thorough = false;
    bool of_walk = false;
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
    page_.reset();
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
      look();
    else if (page_)
      finish_page();
    else if (!caught_up_ || now() >= read_at_)
      read_page();
    else if (recheck_at_ <= now())
      plan_recheck();
    else if (walk())
      return;
    else
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
    if (reason.code != ec::unavailable && !tasks_.empty()) {
      spdlog::error("the audit leaves {} out: {}", tasks_.front().unit, reason.detail);
      if (tasks_.front().of_walk)
        progress_.walk_after = tasks_.front().unit;
      tasks_.pop_front();
    }
    again(round_, settings_.poll_interval, [this] { step(); });
  }

  // -- following the log ----------------------------------------------------------------------------------------------

  void read_page() {
    ask<log_page>(read_log{progress_.position, {}, settings_.page_size}, [this](log_page& page) {
      caught_up_ = page.events.size() < settings_.page_size;
      read_at_ = now() + settings_.poll_interval;
      spend(page.events.size());
      const auto lag = page.events.empty() ? timestamp::duration{0} : now() - page.events.front().at;
      metrics_.lag->value(std::chrono::duration<double>(std::max(lag, timestamp::duration{0})).count());
      if (!page.events.empty())
        plan(page);
      step();
    });
  }

  /// What moved is looked at once, however many events there are of it.
  void plan(const log_page& page) {
    std::set<std::string> seen;
    for (const auto& event : page.events)
      if (auto unit = audit_unit_of(event.stream); seen.insert(unit).second)
        tasks_.push_back({std::move(unit)});
    page_ = {page.next, page.events.size()};
  }

  void finish_page() {
    progress_.position = page_->first;
    progress_.events += page_->second;
    metrics_.events->inc(static_cast<std::int64_t>(page_->second));
    page_.reset();
    dirty_ = true;
    // A log that never rests must not keep the walk from moving.
    if (caught_up_ || !walk())
      step();
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
    ask<unit_page>(list_units{progress_.walk_after, units}, [this](unit_page& page) {
      spend(page.units.size());
      if (page.units.empty())
        progress_.walked_at = now();
      for (auto& unit : page.units)
        tasks_.push_back({std::move(unit), true, true});
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
        tasks_.push_back({one.unit, true});
    step();
  }

  // -- what is found --------------------------------------------------------------------------------------------------

  void look() {
    ask<unit_report>(check_unit{tasks_.front().unit, tasks_.front().thorough}, [this](unit_report& report) {
      const auto done = std::move(tasks_.front());
      tasks_.pop_front();
      spend(report.rows + 1);
      if (done.of_walk)
        progress_.walk_after = done.unit;
      dirty_ = true;
      const auto changes = enter(progress_, done.unit, report.found, done.thorough, now(), settings_.most_open);
      if (changes.found.empty() && changes.cleared.empty())
        step();
      else
        tell(changes);
    });
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
  std::deque<task> tasks_;
  /// The end of the page whose units are being looked at, and how many events it has.
  std::optional<std::pair<log_position, std::size_t>> page_;
  bool caught_up_ = false;
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
