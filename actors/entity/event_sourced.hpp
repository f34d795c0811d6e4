#pragma once

#include "actors/entity/entity_commands.hpp"
#include "actors/entity/entity_hooks.hpp"
#include "actors/entity/entity_log.hpp"
#include "actors/entity/entity_start.hpp"
#include "actors/entity/entity_support.hpp"
#include "actors/entity/entity_timer.hpp"
#include "actors/entity/memory/known_row.hpp"
#include "domain/base/errors.hpp"
#include "domain/base/log.hpp"

#include <caf/error.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace waybill {

/// Carries out commands on a state that follows from a stream of events. Commands wait in a queue; all that wait are
/// decided together, their events are appended at once, and the answers go out after the commit (G1). While an append
/// is under way nobody reads the state. After a lost race for the stream the state is dropped, loaded again and the
/// commands are decided again (G2).
///
/// The base of entity<Kind>, which says what `Kind` names.
template <class Kind>
class event_sourced : public entity_hooks<Kind> {
  using hooks = entity_hooks<Kind>;

public:
  using state_type = typename Kind::state;
  using typename hooks::command_type;
  using typename hooks::event_type;
  using self_pointer = typename Kind::actor::pointer;

  event_sourced(self_pointer self, entity_start start, region_settings region)
    : self_(self), start_(std::move(start)), region_(region), timer_(start_.shared, start_.id),
      phase_(start_.assume_new ? phase::assumed_new : phase::unloaded), last_used_(now()) {
    arm(last_used_ + region_.idle_timeout);
  }

protected:
  using outcome = command_outcome;
  using commands = entity_commands<command_type>;
  using completion = typename commands::completion;

  using hooks::before_change, hooks::decide, hooks::describe, hooks::due, hooks::engaged, hooks::forget,
    hooks::let_waiters_go, hooks::must_store, hooks::on_timer, hooks::only_waits, hooks::pursue, hooks::restore,
    hooks::unfinished, hooks::wait;

  // -- what an entity uses --------------------------------------------------------------------------------------------

  /// Carries `command` out after those that came before it; `done` is called after the commit. Fails with
  /// ec::version_mismatch when the entity is not at `expected_version` then (zero: any).
  void execute(command_type command, provenance origin, completion done, std::uint64_t expected_version = 0) {
    submit({std::move(command), std::move(origin), std::move(done), expected_version});
  }

  /// Calls `done` when the state is durable. Without `is_use` an idle entity is not kept in memory by it.
  void read(completion done, bool is_use = true) { submit({std::nullopt, {}, std::move(done), 0}, is_use); }

  const state_type& state() const { return state_; }
  bool exists() const { return version() > 0; }
  std::uint64_t version() const { return state_.version; }
  const std::string& id() const { return start_.id; }
  const std::shared_ptr<entity_link>& link() const { return start_.link; }
  timestamp now() const { return services().clock(); }
  self_pointer self() const { return self_; }
  const region_handles& regions() const { return start_.shared->regions; }
  const entity_services& services() const { return start_.shared->services; }

  /// Asks for on_timer at `when`, or a little later.
  void arm(timestamp when) { timer_.arm(when, now()); }

  /// Loads the entity, which then goes on with what it had not finished.
  void resume() {
    must_load_ = must_load_ || phase_ == phase::unloaded || phase_ == phase::assumed_new;
    read({});
  }

  /// What is in memory may not be what is stored: it is dropped and loaded again. False when that cannot be done now.
  bool load_again() {
    if (phase_ != phase::ready || retiring_)
      return false;
    forget();
    must_load_ = true;
    load();
    return true;
  }

  /// Stores how the entity waits, or that it is finished; false when its row says so already.
  bool store_wait() {
    auto snapshot = wait();
    if (is_under_way() || phase_ != phase::ready || !exists() || row_.tells(snapshot, now()))
      return false;
    is_storing_wait_ = true;
    row_.note_written(snapshot);
    snapshot.state = encode(state_);
    self_
      ->request(services().journal_of(start_.id), bounded_elsewhere, append_of_wait(id(), version(), snapshot, now()))
      .then([this](const appended&) { on_wait_stored(true); }, [this](const caf::error&) { on_wait_stored(false); });
    return true;
  }

  /// Another node owns the entity now: the commands that have come until here are carried out, then the entity ends.
  void retire() {
    start_.count_message();
    retiring_ = true;
    end_if_retired();
  }

  /// Call it when `engaged` may have become false. What does not exist leaves memory here too: whoever asks for ids
  /// that are none must not fill it.
  void end_if_retired() {
    const bool busy = held_ || is_under_way() || engaged();
    if (!busy && !retiring_ && !must_load_ && phase_ == phase::unloaded)
      start_.shared->on_idle({start_.id, start_.link->handled.load(std::memory_order_relaxed), std::nullopt});
    if (!retiring_ || busy)
      return;
    let_waiters_go();
    if (must_load_ || (phase_ == phase::ready && unfinished() && !row_.tells(wait(), now())))
      start_.shared->on_retired({start_.id});
    self_->quit();
  }

  /// Handles a wake-up. Does not call `count`: a timer does not keep an idle entity in memory.
  void wake() {
    start_.count_message();
    if (!timer_.fire(now()))
      return;
    if (phase_ == phase::unloaded && must_load_)
      load();
    if (phase_ == phase::ready) {
      hold([this] { on_timer(); });
      rearm();
    }
    leave_if_idle();
    if (!timer_.is_armed())
      arm(std::max(last_used_ + patience(), now() + shortest_nap));
  }

  /// Counts a handled message; call it once in every handler. `is_use`: as for read.
  void count(bool is_use = true) {
    start_.count_message();
    last_used_ = is_use ? now() : last_used_;
  }

  /// For parts that are stored in rows of their own; the change must not need an event.
  state_type& mutable_state() { return state_; }

private:
  static constexpr milliseconds shortest_nap{1'000};

  enum class phase { unloaded, loading, assumed_new, ready, appending };

  void submit(typename commands::waiting request, bool is_use = true) {
    commands_.add(std::move(request));
    last_used_ = is_use ? now() : last_used_;
    advance();
  }

  void advance() {
    if (held_)
      return;
    if (phase_ == phase::unloaded && commands_.any_waits())
      load();
    while ((phase_ == phase::ready || phase_ == phase::assumed_new) && commands_.any_waits())
      decide_batch();
    // An entity that does not exist is loaded again for each command: it may be created on another node while the two
    // nodes disagree on the owner. An order that was read too early here must not stay missing.
    if (phase_ == phase::ready && !exists())
      phase_ = phase::unloaded;
    end_if_retired();
  }

  /// Calls `function`, which reads the state. Commands that it executes are decided after it: a decision applies events
  /// to the state that are not durable yet.
  template <class Function>
  void hold(Function function) {
    held_ = true;
    function();
    held_ = false;
    advance();
  }

  // -- loading --------------------------------------------------------------------------------------------------------

  void load() {
    phase_ = phase::loading;
    state_ = state_type{};
    self_->request(services().reader, bounded_elsewhere, load_entity{Kind::kind, start_.id})
      .then([this](stored_entity& stored) { on_loaded(stored); },
            [this](const caf::error& reason) { on_load_failed(to_failure(reason)); });
  }

  /// Maybe no other command comes: an entity with something unfinished loads itself again later.
  void on_load_failed(const failure& reason) {
    phase_ = phase::unloaded;
    if (must_load_)
      arm(now() + milliseconds{500});
    commands_.fail_all(reason);
    end_if_retired();
  }

  void on_loaded(const stored_entity& stored) {
    auto loaded = rebuild_state<Kind>(stored);
    if (!loaded) {
      log_error("{} cannot be read: {}", start_.id, loaded.error().detail);
      must_load_ = false;
      on_load_failed(loaded.error());
      return;
    }
    state_ = std::move(*loaded);
    row_.note_loaded(stored);
    restore(stored);
    become_ready();
  }

  void become_ready() {
    phase_ = phase::ready;
    must_load_ = false;
    hold([this] {
      if (exists() && !retiring_) {
        pursue();
        rearm();
      }
    });
  }

  // -- deciding and appending -----------------------------------------------------------------------------------------

  void decide_batch() {
    constexpr std::size_t max_batch = 256;
    if (phase_ == phase::assumed_new && !commands_.next().template is<typename Kind::create_command>()) {
      phase_ = phase::unloaded;
      load();
      return;
    }
    std::vector<append> requests;
    while (commands_.any_waits() && commands_.batch_size() < max_batch) {
      auto& item = commands_.take();
      if (item.request.command) {
        auto decision = decide_checked(item.request);
        if (!decision) {
          item.error = decision.error();
        } else if (!decision->empty()) {
          item.appended = item.request.changed = true;
          requests.push_back(apply_as_append<Kind>(start_.id, state_, *decision, item.request.origin, now()));
          describe(requests.back(), *decision);
        }
      } else if (!item.request.changed && !services().may_serve()) {
        // The process was stopped after its region had let the question through: the state may be an old one.
        item.error = failure{ec::unavailable, "this node has lost its lease"};
      }
    }
    if (!requests.empty()) {
      send(std::move(requests));
    } else if (phase_ == phase::assumed_new) {
      // Refused on the assumption that the entity is new: load it and decide again.
      commands_.put_back();
      phase_ = phase::unloaded;
      load();
    } else {
      // The loop in `advance` goes on with the commands that these answers lead to.
      held_ = true;
      commands_.answer();
      held_ = false;
    }
  }

  result<std::vector<event_type>> decide_checked(const typename commands::waiting& item) {
    if (item.expected_version != 0 && exists() && item.expected_version != version())
      return failure{ec::version_mismatch, start_.id + " is at version " + std::to_string(version())};
    return decide(*item.command);
  }

  /// One append for each command, sent at once: the journal commits them together. Only the last carries the state.
  void send(std::vector<append> requests) {
    before_change();
    phase_ = phase::appending;
    outstanding_ = requests.size();
    mark_as_group(requests);
    const bool must_tell = unfinished() && row_.hides_work();
    if (requests.size() > 1 || requests.back().expected_version == 0 || must_tell || must_store(requests.back())) {
      requests.back().snapshot = entity_snapshot{1, encode(state_), unfinished(), std::nullopt};
      row_.note_written(*requests.back().snapshot);
    }
    const auto& journal = services().journal_of(start_.id);
    std::size_t place = 0;
    for (auto& request : requests) {
      place = commands_.next_appended(place);
      self_->request(journal, bounded_elsewhere, std::move(request))
        .then([this](const appended&) { on_append_answered(); },
              [this, place](const caf::error& reason) {
                commands_.set_error(place, to_failure(reason));
                on_append_answered();
              });
      ++place;
    }
  }

  void on_append_answered() {
    if (--outstanding_ > 0)
      return;
    if (commands_.any_append_refused()) {
      recover();
      return;
    }
    phase_ = phase::ready;
    conflicts_ = 0;
    hold([this] {
      commands_.answer();
      if (retiring_)
        return;
      pursue();
      rearm();
    });
    leave_if_idle();
  }

  /// Some events are not, or perhaps not, in the log: the state cannot be trusted. Commands that were carried out are
  /// answered after loading; commands that lost a race are decided again.
  void recover() {
    constexpr int most_conflicts = 10;
    const bool decide_again = ++conflicts_ <= most_conflicts;
    log_info("{} could not write to its stream, loading it again", start_.id);
    row_.forget();
    forget();
    const auto refused = commands_.split_outcomes(decide_again);
    // The work goes on from what is durable, even if no other command comes.
    must_load_ = true;
    load();
    commands::answer_refused(refused);
  }

  // -- leaving --------------------------------------------------------------------------------------------------------

  void rearm() {
    if (auto when = due())
      arm(*when);
  }

  /// Something is on its way from or to the database, or is to be decided.
  bool is_under_way() const {
    return is_storing_wait_ || !commands_.is_idle() || phase_ == phase::loading || phase_ == phase::appending;
  }

  milliseconds patience() const { return phase_ == phase::ready ? hooks::patience(region_) : region_.idle_timeout; }

  void leave_if_idle() {
    if (retiring_ || is_under_way() || must_load_)
      return;
    const bool waits = phase_ == phase::ready && unfinished();
    const auto until = waits ? wait().due : std::nullopt;
    if (waits && (!only_waits() || *until < now() + region_.nap))
      return;
    if (now() - last_used_ < patience())
      arm(last_used_ + patience());
    else if (!store_wait())
      start_.shared->on_idle({start_.id, start_.link->handled.load(std::memory_order_relaxed), until});
  }

  void on_wait_stored(bool stored) {
    is_storing_wait_ = false;
    if (!stored) {
      row_.forget();
      arm(now() + shortest_nap);
    }
    end_if_retired();
    if (stored)
      leave_if_idle();
  }

  self_pointer self_;
  entity_start start_;
  region_settings region_;
  entity_timer timer_;
  known_row row_;
  bool is_storing_wait_ = false;
  phase phase_;
  state_type state_;
  commands commands_;
  std::size_t outstanding_ = 0;
  int conflicts_ = 0;
  timestamp last_used_;
  /// Commands wait; see `hold`.
  bool held_ = false;
  /// Another node owns the entity; it ends when nothing is under way.
  bool retiring_ = false;
  /// Something may be unfinished: to be loaded even without a command.
  bool must_load_ = false;
};

} // namespace waybill
