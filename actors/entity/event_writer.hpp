#pragma once

#include "actors/entity/entity_hooks.hpp"
#include "actors/entity/entity_log.hpp"
#include "actors/entity/entity_start.hpp"
#include "actors/entity/entity_support.hpp"
#include "actors/entity/entity_timer.hpp"
#include "actors/entity/memory/known_row.hpp"
#include "actors/entity/placed/entity_commands.hpp"
#include "actors/entity/placed/placed_appends.hpp"
#include "actors/entity/placed/reply.hpp"
#include "actors/entity/trace/append_trace.hpp"
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

/// Loads a state that follows from a stream of events, decides commands on it and writes what they lead to. Commands
/// wait in a queue; all that wait are decided together, their events are appended at once, and the answers go out after
/// the commit (G1).
///
/// Kinds that `goes_on_when_placed` decide the next commands while the commit is under way, and so do the entities of
/// the same node that they ask; a durability_gate holds back what leaves the node (docs/adr/0024). Other kinds wait for
/// the commit, and so does the first append under an id that may have been used: meanwhile nobody reads the state.
///
/// After a lost race for the stream the state is dropped and loaded again, and commands whose callers have no answer
/// yet are decided again (G2). The base of event_sourced<Kind>, which says when the entity is in memory.
template <class Kind>
class event_writer : public entity_hooks<Kind> {
  using hooks = entity_hooks<Kind>;

public:
  using state_type = typename Kind::state;
  using typename hooks::command_type;
  using typename hooks::event_type;
  using self_pointer = typename Kind::actor::pointer;

  event_writer(self_pointer self, entity_start start)
    : self_(self), start_(std::move(start)), timer_(start_.shared, start_.id),
      placed_(goes_on_when_placed ? services().sequence : nullptr, services().log_generation),
      phase_(start_.assume_new ? phase::assumed_new : phase::unloaded), last_used_(now()) {}

protected:
  using outcome = command_outcome;
  using commands = entity_commands<command_type>;
  using completion = typename commands::completion;

  using hooks::before_change, hooks::decide, hooks::describe, hooks::due, hooks::engaged, hooks::forget,
    hooks::let_waiters_go, hooks::must_store, hooks::pursue, hooks::restore, hooks::restore_trace, hooks::settle,
    hooks::spans_ended_by, hooks::trace_query, hooks::unfinished, hooks::wait, hooks::waits_for_commit;

  // -- what an entity uses --------------------------------------------------------------------------------------------

  /// As far as the caller knows, the id was never used: others may build on the first append, too.
  void note_new_id() { is_new_id_ = true; }
  /// The state has come from the database, at least once.
  bool was_loaded() const { return was_loaded_; }

  /// Carries `command` out after those that came before it, and calls `done`, perhaps again: what it tells others must
  /// go through `make_reply` or `when_durable`. Fails with ec::version_mismatch when the entity is not at
  /// `expected_version` then (zero: any), and with ec::unavailable when what it `builds_on` is void.
  void execute(command_type command, provenance origin, completion done, std::uint64_t expected_version = 0,
               placed_in builds_on = {}) {
    submit({std::move(command), std::move(origin), std::move(done), expected_version, builds_on});
  }

  /// Calls `done` when no other command changes the state just now. Without `is_use` an idle entity is not kept in
  /// memory by it.
  void read(completion done, placed_in builds_on = {}, bool is_use = true) {
    submit({std::nullopt, {}, std::move(done), 0, builds_on}, is_use);
  }

  /// The answer to the message at hand.
  template <class Answer>
  reply<Answer> make_reply(placed_in builds_on = {}) {
    return {self_->template make_response_promise<Answer>(), builds_on.epoch != 0 ? nullptr : &placed_.gate()};
  }

  /// Calls `action` with null once all that is placed until now is durable, or with why it never will be.
  void when_durable(durability_gate::passage action) {
    placed_.gate().pass(std::move(action));
  }

  /// All that the entity has placed is durable.
  bool is_settled() const { return placed_.gate().is_open(); }

  /// For messages to other entities, and for what comes of their answers.
  placed_in placed() const { return placed_.place(); }

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

  /// For parts that are stored in rows of their own; the change must not need an event.
  state_type& mutable_state() { return state_; }

  enum class phase { unloaded, loading, assumed_new, ready, appending };

  /// The entity ends if another node owns it and nothing is under way.
  virtual void end_if_retired() = 0;
  /// The entity leaves the memory if nobody needs it there.
  virtual void leave_if_idle() = 0;

  void load() {
    phase_ = phase::loading;
    was_loaded_ = true;
    state_ = state_type{};
    placed_.enter_log();
    self_->request(services().reader, bounded_elsewhere, load_entity{Kind::kind, start_.id})
      .then([this](stored_entity& stored) { on_loaded(stored); },
            [this](const caf::error& reason) { on_load_failed(to_failure(reason)); });
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

  void rearm() {
    if (auto when = due())
      arm(*when);
  }

  /// Something is on its way from or to the database, or is to be decided.
  bool is_under_way() const {
    return !commands_.is_idle() || !placed_.are_all_answered() || phase_ == phase::loading
           || phase_ == phase::appending;
  }

  self_pointer self_;
  entity_start start_;
  entity_timer timer_;
  known_row row_;
  placed_appends placed_;
  phase phase_;
  timestamp last_used_;
  /// Another node owns the entity; it ends when nothing is under way.
  bool retiring_ = false;
  /// Something may be unfinished: to be loaded even without a command.
  bool must_load_ = false;
  /// Commands wait; see `hold`.
  bool held_ = false;

private:
  static constexpr bool goes_on_when_placed = requires { requires Kind::goes_on_when_placed; };

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
    while ((phase_ == phase::ready || phase_ == phase::assumed_new) && commands_.any_waits() && placed_.may_place())
      decide_batch();
    // An entity that does not exist is loaded again for each command: it may be created on another node while the two
    // nodes disagree on the owner. An order that was read too early here must not stay missing.
    if (phase_ == phase::ready && !exists())
      phase_ = phase::unloaded;
    end_if_retired();
  }

  // -- loading --------------------------------------------------------------------------------------------------------

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
    // It knows nothing but what is durable.
    placed_.enter_epoch();
    restore(stored);
    const auto past = services().tracer && exists() ? trace_query() : std::nullopt;
    if (!past)
      return become_ready();
    self_->request(services().reader, bounded_elsewhere, *past)
      .then([this](const stream_events& known) { restore_trace(known.events), become_ready(); },
            [this](const caf::error&) { become_ready(); });
  }

  void become_ready() {
    phase_ = phase::ready;
    must_load_ = false;
    hold([this] {
      if (exists() && !retiring_) {
        pursue();
        settle();
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
          if (const auto& tracer = services().tracer)
            traces_.add({tracer, requests.back(), spans_ended_by(requests.back())});
        }
      } else if (placed_.is_void(item.request.builds_on)) {
        item.error = placed_appends::void_reason();
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
      give_results();
      held_ = false;
    }
  }

  result<std::vector<event_type>> decide_checked(const typename commands::waiting& item) {
    if (placed_.is_void(item.builds_on))
      return placed_appends::void_reason();
    if (item.expected_version != 0 && exists() && item.expected_version != version())
      return failure{ec::version_mismatch, start_.id + " is at version " + std::to_string(version())};
    return decide(*item.command);
  }

  /// One append for each command, sent at once: the journal commits them together. Only the last carries the state.
  void send(std::vector<append> requests) {
    before_change();
    const bool goes_on = may_go_on(requests);
    goes_on ? mark_as_built_on(requests) : mark_as_group(requests);
    const bool must_tell = unfinished() && row_.hides_work();
    if (requests.size() > 1 || requests.back().expected_version == 0 || must_tell || must_store(requests.back())) {
      requests.back().snapshot = entity_snapshot{1, encode(state_), unfinished(), std::nullopt};
      row_.note_written(*requests.back().snapshot);
    }
    const auto& journal = services().journal_of(start_.id);
    std::size_t place = 0;
    for (auto& request : requests) {
      place = commands_.next_appended(place);
      const auto number = placed_.place(request);
      self_->request(journal, bounded_elsewhere, std::move(request))
        .then([this, number, trace = traces_.take()](const appended&) { trace.end(now()), on_durable(number); },
              [this, place, goes_on](const caf::error& reason) {
                // The others have had their results.
                if (!goes_on)
                  commands_.set_error(place, to_failure(reason));
                placed_.note_refused();
                on_append_answered();
              });
      ++place;
    }
    phase_ = goes_on ? phase::ready : phase::appending;
    if (goes_on)
      go_on();
  }

  /// Whether others may build on `requests` at once.
  bool may_go_on(const std::vector<append>& requests) const {
    return (phase_ == phase::ready || (is_new_id_ && !was_loaded_)) && placed_.may_go_on()
           && std::ranges::none_of(requests, [this](const append& request) { return waits_for_commit(request); });
  }

  void give_results() {
    auto& gate = placed_.gate();
    if (gate.is_open())
      commands_.answer();
    else
      commands_.answer_placed(gate.last_placed(), [&gate](bool again) { gate.set_deciding_again(again); });
  }

  /// What comes next is decided when the batch has its results.
  void go_on() {
    hold([this] {
      give_results();
      if (retiring_)
        return;
      pursue();
      if (is_settled())
        settle();
      rearm();
    });
  }

  void on_durable(std::uint64_t number) {
    commands_.prove(number);
    hold([this, number] { placed_.note_durable(number); });
    on_append_answered();
  }

  void on_append_answered() {
    if (!placed_.are_all_answered())
      return;
    if (placed_.is_any_refused()) {
      recover();
      return;
    }
    conflicts_ = 0;
    if (phase_ == phase::appending) {
      phase_ = phase::ready;
      go_on();
    } else if (!retiring_) {
      hold([this] {
        settle();
        rearm();
      });
    }
    leave_if_idle();
  }

  /// Some events are not, or perhaps not, in the log: the state cannot be trusted. Commands that were carried out are
  /// answered after loading; commands that lost a race are decided again.
  void recover() {
    constexpr int most_conflicts = 10;
    const bool decide_again = ++conflicts_ <= most_conflicts;
    log_info("{} could not write to its stream, loading it again", start_.id);
    // What follows from these failures waits until the state is loaded.
    held_ = true;
    placed_.give_up(decide_again);
    held_ = false;
    commands_.unplace(decide_again);
    row_.forget();
    forget();
    const auto refused = commands_.split_outcomes(decide_again);
    // The work goes on from what is durable, even if no other command comes.
    must_load_ = true;
    load();
    commands::answer_refused(refused);
  }

  state_type state_;
  commands commands_;
  append_traces traces_;
  bool is_new_id_ = false;
  bool was_loaded_ = false;
  int conflicts_ = 0;
};

} // namespace waybill
