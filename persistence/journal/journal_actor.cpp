#include "persistence/journal/journal_actor.hpp"

#include "domain/base/errors.hpp"
#include "messages/journal/append_size.hpp"

#include <caf/actor_clock.hpp>
#include <caf/actor_system.hpp>
#include <caf/mailbox_element.hpp>
#include <caf/send.hpp>

#include <algorithm>
#include <string>

namespace waybill {

journal_state::journal_state(journal_impl::stateful_pointer<journal_state> self, std::unique_ptr<journal_store> store,
                             journal_settings settings, std::shared_ptr<log_listeners> listeners,
                             std::shared_ptr<connection_health> health, std::shared_ptr<journal_room> room)
  : self_{self}, store_{std::move(store)}, settings_{settings},
    listeners_{std::move(listeners)}, health_{health ? std::move(health) : std::make_shared<connection_health>()},
    room_{std::move(room)}, metrics_{self->system()} {}

journal_impl::behavior_type journal_state::make_behavior() {
  self_->set_exit_handler([this](caf::exit_msg& message) { end(message.reason); });
  return {
    [this](append& request) { return take(request); },
    [this](caf::flush_atom) { flush(); },
    [this](caf::tick_atom) { retry(); },
  };
}

caf::result<appended> journal_state::take(append& request) {
  auto promise = self_->make_response_promise<appended>();
  const auto octets = octets_of(request);
  queue_.push_back({std::move(request), promise, self_->clock().now(), octets});
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
      leave_room(next.octets);
      queue_.pop_front();
      continue;
    }
    batch_.push_back(std::move(next.request));
    promises_.push_back(std::move(next.promise));
    open_.push_back({next.since, next.octets});
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
  clear_batch();
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

void journal_state::leave_room(std::size_t octets) {
  if (!room_)
    return;
  room_->leave(octets);
  metrics_.pending_appends->dec();
  metrics_.pending_octets->dec(static_cast<std::int64_t>(octets));
}

void journal_state::clear_batch() {
  for (const auto& answered : open_)
    leave_room(answered.octets);
  batch_.clear();
  promises_.clear();
  open_.clear();
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
    if (open_[i].since <= oldest) {
      refuse_group(batch_[i]);
      promises_[i].deliver(reason);
      leave_room(open_[i].octets);
      continue;
    }
    if (kept != i) {
      batch_[kept] = std::move(batch_[i]);
      promises_[kept] = std::move(promises_[i]);
      open_[kept] = open_[i];
    }
    ++kept;
  }
  batch_.resize(kept);
  promises_.resize(kept);
  open_.resize(kept);
  for (; !queue_.empty() && queue_.front().since <= oldest; queue_.pop_front()) {
    refuse_group(queue_.front().request);
    queue_.front().promise.deliver(reason);
    leave_room(queue_.front().octets);
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
  for (auto& entry : queue_) {
    entry.promise.deliver(reason);
    leave_room(entry.octets);
  }
  clear_batch();
  queue_.clear();
}

bounded_journal::bounded_journal(caf::actor_config& config, std::unique_ptr<journal_store> store,
                                 const journal_settings& settings, std::shared_ptr<log_listeners> listeners,
                                 std::shared_ptr<connection_health> health, std::shared_ptr<journal_room> room)
  : journal_impl::stateful_impl<journal_state>(config, std::move(store), settings, std::move(listeners),
                                               std::move(health), room),
    room_{std::move(room)}, metrics_{system()} {}

bool bounded_journal::enqueue(caf::mailbox_element_ptr message, caf::execution_unit* host) {
  using base = journal_impl::stateful_impl<journal_state>;
  if (!message->payload.match_elements<append>())
    return base::enqueue(std::move(message), host);
  const auto octets = octets_of(message->payload.get_as<append>(0));
  const bool fits = room_->may_fit(octets);
  if (fits && room_->enter(octets)) {
    metrics_.pending_appends->inc();
    metrics_.pending_octets->inc(static_cast<std::int64_t>(octets));
    return base::enqueue(std::move(message), host);
  }
  metrics_.refused_appends->inc();
  if (message->mid.is_request() && message->sender) {
    auto reason = fits ? caf::make_error(ec::overloaded, "too many writes wait for the database")
                       : caf::make_error(ec::invalid_argument,
                                         "this change takes " + std::to_string(octets) + " bytes, more than the "
                                           + std::to_string(room_->max_octets()) + " of journal-max-bytes");
    message->sender->enqueue(ctrl(), message->mid.response_id(), caf::make_message(std::move(reason)), host);
  }
  return true;
}

journal_actor spawn_journal(caf::actor_system& sys, std::unique_ptr<journal_store> store,
                            const journal_settings& settings, std::shared_ptr<log_listeners> listeners,
                            std::shared_ptr<connection_health> health) {
  auto room = std::make_shared<journal_room>(settings.max_pending, settings.max_pending_octets);
  return sys.spawn<bounded_journal, caf::detached>(std::move(store), settings, std::move(listeners), std::move(health),
                                                   std::move(room));
}

journal_actor spawn_undetached_journal(caf::actor_system& sys, std::unique_ptr<journal_store> store,
                                       const journal_settings& settings, std::shared_ptr<log_listeners> listeners,
                                       std::shared_ptr<connection_health> health) {
  auto room = std::make_shared<journal_room>(settings.max_pending, settings.max_pending_octets);
  return sys.spawn<bounded_journal>(std::move(store), settings, std::move(listeners), std::move(health), std::move(room));
}

} // namespace waybill
