#include "persistence/retention/retention_actor.hpp"

#include "domain/base/errors.hpp"
#include "domain/base/log.hpp"
#include "messages/cluster/placement.hpp"

#include <caf/telemetry/metric_registry.hpp>

#include <algorithm>

namespace waybill {

milliseconds retention_settings::interval() const {
  return std::clamp(milliseconds{keep.count() / std::max<std::int64_t>(looks, 1)}, shortest_interval, longest_interval);
}

retention_metrics::retention_metrics(caf::actor_system& sys) {
  constexpr auto prefix = "waybill.retention";
  auto& registry = sys.metrics();
  removed = registry.counter_singleton(prefix, "removed-events", "Old events that were removed.", "1", true);
  failures = registry.counter_singleton(prefix, "failures", "Attempts to archive or to remove that failed.", "1", true);
  failing = registry.gauge_singleton(prefix, "failing", "1 while the last attempt failed; the log says why.");
  horizon = registry.gauge_singleton(prefix, "horizon", "Sequence number of the newest event that was removed.");
  oldest_age =
    registry.gauge_singleton<double>(prefix, "oldest-event-age", "Age of the oldest event that is kept.", "seconds");
}

retention_state::retention_state(retention_actor::pointer self, retention_parts parts, retention_settings settings)
  : self_{self}, parts_{std::move(parts)}, settings_{std::move(settings)}, metrics_{self->system()} {}

retention_actor::behavior_type retention_state::make_behavior() {
  return {[this](const placement& next) { place(next); }};
}

void retention_state::place(const placement& next) {
  if (!settings_.enabled() || !singleton_.replace(next))
    return;
  const bool was_here = std::exchange(here_, singleton_.is_here());
  if (here_ == was_here)
    return;
  ready_.reset();
  after(milliseconds{0});
  if (here_)
    log_info("old events are removed by this node");
}

/// Takes the next step after `pause`, instead of any that was planned; none while another node does the work.
void retention_state::after(milliseconds pause) {
  ++round_;
  due_ = self_->clock().now() + pause;
  if (here_)
    wait(round_);
}

/// Waits in pieces of at most five seconds, so that no message far in the future is left when the actor has ended.
void retention_state::wait(std::uint64_t round) {
  constexpr milliseconds longest{5'000};
  const auto left = std::chrono::ceil<milliseconds>(due_ - self_->clock().now());
  self_->run_delayed(std::clamp(left, milliseconds{0}, longest), [this, round] {
    if (round != round_)
      return;
    if (self_->clock().now() < due_)
      wait(round);
    else
      step();
  });
}

void retention_state::step() {
  const auto next = take_step();
  if (!next) {
    after(note_failure(next.error()));
    return;
  }
  failed_ = 0;
  metrics_.failing->value(0);
  if (!std::exchange(logged_failure_, {}).empty())
    log_info("old events can be archived and removed again");
  after(*next);
}

retention_state::next_step retention_state::take_step() {
  if (ready_)
    return work_on(*ready_, true);
  const auto lowest = lowest_position();
  if (!lowest)
    return lowest.error();
  if (!*lowest)
    return settings_.interval();
  auto plan = parts_.trimmer->plan({parts_.clock() - settings_.keep, **lowest});
  if (!plan)
    return plan.error();
  metrics_.horizon->value(static_cast<std::int64_t>(plan->horizon.position.sequence));
  if (const auto& range = plan->horizon.range)
    return work_on(*range, plan->horizon.position != range->begin);
  note_nothing_to_do(*plan);
  return settings_.interval();
}

/// When the removal has begun, the range is archived already.
retention_state::next_step retention_state::work_on(const log_range& range, bool begun) {
  if (!begun && parts_.archive) {
    auto written = parts_.archive->write(range, [&](log_position from) { return parts_.trimmer->read(range, from); });
    if (!written)
      return written.error();
    archived_as_ = std::move(*written);
  }
  ready_ = range;
  const auto done = parts_.trimmer->remove(range);
  if (!done) {
    ready_.reset();
    // Another node did it.
    if (done.error().code == ec::conflict)
      return settings_.interval();
    return done.error();
  }
  note_removed(range, *done);
  return settings_.pause;
}

/// Nothing when a follower has not stored yet how far it has read.
result<std::optional<log_position>> retention_state::lowest_position() {
  std::optional<log_position> lowest;
  for (const auto& follower : parts_.followers) {
    const auto position = follower.find_position(*parts_.reader);
    if (!position)
      return position.error();
    if (!*position) {
      if (std::exchange(waits_for_, follower.name) != follower.name)
        log_info("no events are removed before {} has begun to read the log", follower.name);
      return std::optional<log_position>{};
    }
    const auto place = (*position)->bare();
    lowest = std::min(lowest.value_or(place), place);
  }
  // Nobody follows the log.
  return lowest ? lowest : std::optional{log_position{~0ULL, ~0ULL}};
}

void retention_state::note_nothing_to_do(const trim_plan& plan) {
  const auto age =
    plan.oldest ? std::max(parts_.clock() - *plan.oldest, timestamp::duration{0}) : timestamp::duration{0};
  metrics_.oldest_age->value(std::chrono::duration<double>(age).count());
  if (std::exchange(waits_for_, plan.held_by) != plan.held_by && !plan.held_by.empty())
    log_info("events from {} on are kept until {}, which is unfinished, has moved on", to_string(plan.horizon.position),
             plan.held_by);
}

void retention_state::note_removed(const log_range& range, const removed_batch& done) {
  metrics_.removed->inc(static_cast<std::int64_t>(done.events));
  metrics_.horizon->value(static_cast<std::int64_t>(done.horizon.position.sequence));
  removed_of_range_ += done.events;
  if (done.horizon.range)
    return;
  log_info("{} old events up to {} were removed{}", std::exchange(removed_of_range_, 0), to_string(range.end),
           archived_as_.empty() ? "" : ", archived in " + archived_as_);
  archived_as_.clear();
  ready_.reset();
}

milliseconds retention_state::note_failure(const failure& reason) {
  metrics_.failures->inc();
  metrics_.failing->value(1);
  ready_.reset();
  const auto time = parts_.clock();
  if (logged_failure_ != reason.detail || time - logged_failure_at_ >= settings_.complain_interval) {
    log_error("old events stay where they are, trying again: {}", reason.detail);
    logged_failure_ = reason.detail;
    logged_failure_at_ = time;
  }
  const auto doubled = settings_.retry_first * (1LL << std::min(failed_++, 20U));
  return std::min<milliseconds>(doubled, settings_.retry_longest);
}

retention_actor spawn_retention(caf::actor_system& sys, retention_parts parts, const retention_settings& settings) {
  return sys.spawn<retention_actor::stateful_impl<retention_state>, caf::detached>(std::move(parts), settings);
}

} // namespace waybill
