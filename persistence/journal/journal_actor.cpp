#include "persistence/journal/journal_actor.hpp"

#include "domain/base/errors.hpp"
#include "domain/base/log.hpp"
#include "messages/journal/append_size.hpp"

#include <caf/actor_clock.hpp>
#include <caf/actor_system.hpp>
#include <caf/mailbox_element.hpp>
#include <caf/send.hpp>

#include <algorithm>
#include <string>

namespace waybill {

journal_state::journal_state(journal_impl::stateful_pointer<journal_state> self, std::unique_ptr<journal_store> store,
                             journal_settings settings, journal_links links)
  : self_{self}, store_{std::move(store)}, settings_{settings}, links_{std::move(links)}, metrics_{self->system()} {
  if (!links_.health)
    links_.health = std::make_shared<connection_health>();
}

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
  if (!commit_batch()) {
    schedule_retry();
    return;
  }
  let_flow();
  if (!queue_.empty())
    schedule_flush();
}

void journal_state::retry() {
  database_away_ = false;
  flush();
}

void journal_state::fill_batch() {
  while (!queue_.empty() && batch_.size() < settings_.max_batch) {
    auto& next = queue_.front();
    if (is_void(next.request)) {
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

bool journal_state::is_void(const append& request) const {
  if (request.epoch != 0 && links_.sequence && request.epoch != links_.sequence->epoch())
    return true;
  return request.group != 0
         && std::find(refused_groups_.begin(), refused_groups_.end(), request.group) != refused_groups_.end();
}

void journal_state::end_epoch() {
  if (!links_.sequence)
    return;
  links_.sequence->end_epoch();
  metrics_.ended_epochs->inc();
}

// Before anybody hears of the refusal: whoever learns of it sees that the epoch has ended.
void journal_state::end_epoch_if_refused(const std::vector<result<appended>>& outcomes) {
  for (std::size_t i = 0; i < batch_.size(); ++i) {
    if (outcomes[i] || !batch_[i].is_built_on)
      continue;
    log_warning("{}: append refused ({}); later uncommitted appends of this node are discarded and decided again",
                batch_[i].stream, outcomes[i].error().detail);
    end_epoch();
    return;
  }
}

void journal_state::let_flow() {
  if (links_.sequence && !links_.sequence->flows() && (!links_.room || links_.room->is_roomy()))
    links_.sequence->set_flowing(true);
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
  links_.health->begin();
  const auto outcomes = store_->commit(batch_);
  links_.health->end(outcomes ? store_trouble::none : trouble_of(outcomes.error()));
  if (!outcomes) {
    metrics_.failed_commits->inc();
    if (outcomes.error().code == ec::unavailable)
      return false;
    for (const auto& request : batch_)
      refuse_group(request);
    end_epoch_if_refused(std::vector<result<appended>>(batch_.size(), outcomes.error()));
    for (auto& promise : promises_)
      promise.deliver(caf::make_error(outcomes.error().code, outcomes.error().detail));
  } else {
    metrics_.commit_seconds->observe(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
    end_epoch_if_refused(*outcomes);
    deliver(*outcomes);
  }
  clear_batch();
  pause_ = milliseconds{0};
  return true;
}

// Whoever waited has given up, and nobody is let in while the last attempt failed: only this tells that it is over.
bool journal_state::probe_if_failing() {
  if (!links_.health->is_failing())
    return true;
  links_.health->begin();
  const auto written = store_->probe();
  links_.health->end(written ? store_trouble::none : trouble_of(written.error()));
  if (!links_.health->is_failing())
    pause_ = milliseconds{0};
  return !links_.health->is_failing();
}

void journal_state::leave_room(std::size_t octets) {
  if (!links_.room)
    return;
  links_.room->leave(octets);
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
  std::size_t octets = 0;
  for (const auto& written : open_)
    octets += written.octets;
  metrics_.commit_size->observe(static_cast<std::int64_t>(octets));
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
  if (links_.listeners)
    links_.listeners->notify();
}

void journal_state::schedule_retry() {
  database_away_ = true;
  if (links_.sequence)
    links_.sequence->set_flowing(false);
  give_up_on_the_oldest();
  pause_ = pause_ == milliseconds{0} ? settings_.retry_first : std::min(2 * pause_, settings_.retry_longest);
  caf::delayed_anon_send(journal_impl{self_}, pause_, caf::tick_atom_v);
}

// Whether what was tried is written is unknown. ec::unavailable tells the caller so, who loads the entity again.
void journal_state::give_up_on_the_oldest() {
  const auto oldest = self_->clock().now() - settings_.give_up_after;
  const auto reason = caf::make_error(ec::unavailable, "the database is away");
  const auto is_too_old = [oldest](const auto& item) { return item.since <= oldest; };
  const bool any =
    std::any_of(open_.begin(), open_.end(), is_too_old) || std::any_of(queue_.begin(), queue_.end(), is_too_old);
  if (any)
    end_epoch();
  std::size_t kept = 0;
  for (std::size_t i = 0; i < batch_.size(); ++i) {
    if (open_[i].since <= oldest || is_void(batch_[i])) {
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
  // What is void in the queue is refused when it is taken out.
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
  end_epoch();
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
                                 const journal_settings& settings, const journal_links& links)
  : journal_impl::stateful_impl<journal_state>(config, std::move(store), settings, links), links_{links}, metrics_{
                                                                                                            system()} {}

bool bounded_journal::enqueue(caf::mailbox_element_ptr message, caf::execution_unit* host) {
  using base = journal_impl::stateful_impl<journal_state>;
  if (!message->payload.match_elements<append>())
    return base::enqueue(std::move(message), host);
  const auto& request = message->payload.get_as<append>(0);
  const auto octets = octets_of(request);
  const bool fits = links_.room->may_fit(octets);
  if (fits && links_.room->enter(octets)) {
    if (links_.sequence && !links_.room->is_roomy())
      links_.sequence->set_flowing(false);
    metrics_.pending_appends->inc();
    metrics_.pending_octets->inc(static_cast<std::int64_t>(octets));
    return base::enqueue(std::move(message), host);
  }
  metrics_.refused_appends->inc();
  if (request.is_built_on && links_.sequence) {
    links_.sequence->end_epoch();
    metrics_.ended_epochs->inc();
  }
  if (message->mid.is_request() && message->sender) {
    auto reason = fits ? caf::make_error(ec::overloaded, "too many writes wait for the database")
                       : caf::make_error(ec::invalid_argument,
                                         "this change takes " + std::to_string(octets) + " bytes, more than the "
                                           + std::to_string(links_.room->max_octets()) + " of journal-max-bytes");
    message->sender->enqueue(ctrl(), message->mid.response_id(), caf::make_message(std::move(reason)), host);
  }
  return true;
}

journal_actor spawn_journal(caf::actor_system& sys, std::unique_ptr<journal_store> store,
                            const journal_settings& settings, journal_links links) {
  links.room = std::make_shared<journal_room>(settings.max_pending, settings.max_pending_octets);
  return sys.spawn<bounded_journal, caf::detached>(std::move(store), settings, links);
}

journal_actor spawn_undetached_journal(caf::actor_system& sys, std::unique_ptr<journal_store> store,
                                       const journal_settings& settings, journal_links links) {
  links.room = std::make_shared<journal_room>(settings.max_pending, settings.max_pending_octets);
  return sys.spawn<bounded_journal>(std::move(store), settings, links);
}

} // namespace waybill
