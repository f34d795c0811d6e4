#include "persistence/journal/journal_actor.hpp"

#include "domain/base/errors.hpp"

#include <caf/actor_clock.hpp>
#include <caf/actor_system.hpp>
#include <caf/send.hpp>

#include <algorithm>

namespace waybill {

journal_state::journal_state(journal_impl::stateful_pointer<journal_state> self, std::unique_ptr<journal_store> store,
                             journal_settings settings, std::shared_ptr<log_listeners> listeners,
                             std::shared_ptr<connection_health> health)
  : self_{self}, store_{std::move(store)}, settings_{settings}, listeners_{std::move(listeners)},
    health_{health ? std::move(health) : std::make_shared<connection_health>()}, metrics_{self->system()} {}

journal_impl::behavior_type journal_state::make_behavior() {
  self_->set_exit_handler([this](caf::exit_msg& message) { end(message.reason); });
  return {
    [this](append& request) { return take(request); },
    [this](caf::flush_atom) { flush(); },
    [this](caf::tick_atom) { retry(); },
  };
}

caf::result<appended> journal_state::take(append& request) {
  if (queue_.size() + batch_.size() >= settings_.max_pending)
    return caf::make_error(ec::overloaded, "too many writes wait for the database");
  auto promise = self_->make_response_promise<appended>();
  queue_.push_back({std::move(request), promise, self_->clock().now()});
  if (!database_away_ && queue_.size() >= settings_.max_batch)
    flush();
  else
    schedule_flush();
  return promise;
}

// The message goes to the end of the mailbox, behind all appends that came while the last commit blocked the actor:
// they all go into the next commit.
void journal_state::schedule_flush() {
  if (flush_scheduled_ || database_away_)
    return;
  flush_scheduled_ = true;
  caf::anon_send(journal_impl{self_}, caf::flush_atom_v);
}

void journal_state::flush() {
  flush_scheduled_ = false;
  if (database_away_)
    return;
  if (!commit_batch())
    schedule_retry();
  else if (!queue_.empty())
    schedule_flush();
}

void journal_state::retry() {
  database_away_ = false;
  flush();
}

void journal_state::fill_batch() {
  while (!queue_.empty() && batch_.size() < settings_.max_batch) {
    auto& next = queue_.front();
    const auto group = next.request.group;
    if (group != 0 && std::find(refused_groups_.begin(), refused_groups_.end(), group) != refused_groups_.end()) {
      next.promise.deliver(caf::make_error(ec::conflict, "an append that this one builds on was refused"));
      queue_.pop_front();
      continue;
    }
    batch_.push_back(std::move(next.request));
    promises_.push_back(std::move(next.promise));
    since_.push_back(next.since);
    queue_.pop_front();
  }
}

// Within a batch the store refuses the rest of a group; this is for the appends of the group that come in a later
// batch. Few groups are remembered, because the rest of a group is in the mailbox already.
void journal_state::refuse_group(const append& refused) {
  constexpr std::size_t most = 64;
  if (refused.group == 0 || (!refused_groups_.empty() && refused_groups_.back() == refused.group))
    return;
  refused_groups_.push_back(refused.group);
  if (refused_groups_.size() > most)
    refused_groups_.pop_front();
}

bool journal_state::commit_batch() {
  fill_batch();
  if (batch_.empty())
    return probe_if_failing();
  const auto start = std::chrono::steady_clock::now();
  health_->begin();
  const auto outcomes = store_->commit(batch_);
  health_->end(outcomes ? store_trouble::none : trouble_of(outcomes.error()));
  if (!outcomes) {
    metrics_.failed_commits->inc();
    if (outcomes.error().code == ec::unavailable)
      return false;
    for (const auto& request : batch_)
      refuse_group(request);
    for (auto& promise : promises_)
      promise.deliver(caf::make_error(outcomes.error().code, outcomes.error().detail));
  } else {
    metrics_.commit_seconds->observe(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
    deliver(*outcomes);
  }
  batch_.clear();
  promises_.clear();
  since_.clear();
  pause_ = milliseconds{0};
  return true;
}

// Whoever waited has given up, and nobody is let in while the last attempt failed: only this tells that it is over.
bool journal_state::probe_if_failing() {
  if (!health_->is_failing())
    return true;
  health_->begin();
  const auto written = store_->probe();
  health_->end(written ? store_trouble::none : trouble_of(written.error()));
  if (!health_->is_failing())
    pause_ = milliseconds{0};
  return !health_->is_failing();
}

void journal_state::deliver(const std::vector<result<appended>>& outcomes) {
  metrics_.commits->inc();
  metrics_.batch_size->observe(static_cast<std::int64_t>(batch_.size()));
  std::size_t events = 0;
  for (std::size_t i = 0; i < batch_.size(); ++i) {
    if (const auto& outcome = outcomes[i]) {
      events += batch_[i].events.size();
      metrics_.appends->inc();
      promises_[i].deliver(*outcome);
    } else {
      refuse_group(batch_[i]);
      if (outcome.error().code == ec::conflict)
        metrics_.fenced_writes->inc();
      promises_[i].deliver(caf::make_error(outcome.error().code, outcome.error().detail));
    }
  }
  if (events == 0)
    return;
  metrics_.events->inc(static_cast<std::int64_t>(events));
  if (listeners_)
    listeners_->notify();
}

void journal_state::schedule_retry() {
  database_away_ = true;
  give_up_on_the_oldest();
  pause_ = pause_ == milliseconds{0} ? settings_.retry_first : std::min(2 * pause_, settings_.retry_longest);
  caf::delayed_anon_send(journal_impl{self_}, pause_, caf::tick_atom_v);
}

// Whether what was tried is written is unknown. ec::unavailable tells the caller so, who loads the entity again.
void journal_state::give_up_on_the_oldest() {
  const auto oldest = self_->clock().now() - settings_.give_up_after;
  const auto reason = caf::make_error(ec::unavailable, "the database is away");
  std::size_t kept = 0;
  for (std::size_t i = 0; i < batch_.size(); ++i) {
    if (since_[i] <= oldest) {
      refuse_group(batch_[i]);
      promises_[i].deliver(reason);
      continue;
    }
    if (kept != i) {
      batch_[kept] = std::move(batch_[i]);
      promises_[kept] = std::move(promises_[i]);
      since_[kept] = since_[i];
    }
    ++kept;
  }
  batch_.resize(kept);
  promises_.resize(kept);
  since_.resize(kept);
  for (; !queue_.empty() && queue_.front().since <= oldest; queue_.pop_front()) {
    refuse_group(queue_.front().request);
    queue_.front().promise.deliver(reason);
  }
}

void journal_state::end(const caf::error& reason) {
  // While the database is away an attempt would only delay the end: nobody was promised that these are written.
  while (!database_away_ && !(queue_.empty() && batch_.empty()) && commit_batch())
    ;
  refuse_all(caf::make_error(ec::shutting_down, "the journal is going down"));
  self_->quit(reason);
}

void journal_state::refuse_all(const caf::error& reason) {
  for (auto& promise : promises_)
    promise.deliver(reason);
  for (auto& entry : queue_)
    entry.promise.deliver(reason);
  batch_.clear();
  promises_.clear();
  since_.clear();
  queue_.clear();
}

journal_actor spawn_journal(caf::actor_system& sys, std::unique_ptr<journal_store> store,
                            const journal_settings& settings, std::shared_ptr<log_listeners> listeners,
                            std::shared_ptr<connection_health> health) {
  return sys.spawn<journal_impl::stateful_impl<journal_state>, caf::detached>(std::move(store), settings,
                                                                              std::move(listeners), std::move(health));
}

} // namespace waybill
