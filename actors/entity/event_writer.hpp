#pragma once

#include "actors/entity/entity_log.hpp"
#include "actors/entity/entity_support.hpp"
#include "actors/entity/event_loader.hpp"
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
class event_writer : public event_loader<Kind> {
  using base = event_loader<Kind>;
  using hooks = entity_hooks<Kind>;

public:
  using typename base::command_type;
  using typename base::self_pointer;
  using typename hooks::event_type;

  using base::base;

protected:
  using outcome = command_outcome;
  using typename base::commands;
  using typename base::phase;
  using completion = typename commands::completion;

  using base::commands_, base::held_, base::last_used_, base::must_load_, base::phase_, base::placed_, base::retiring_,
    base::row_, base::self_, base::start_, base::state_;
  using base::end_if_retired, base::hold, base::rearm, base::was_loaded, base::exists, base::is_settled, base::load,
    base::now, base::services, base::version;
  using hooks::before_change, hooks::decide, hooks::describe, hooks::engaged, hooks::forget, hooks::let_waiters_go,
    hooks::must_store, hooks::pursue, hooks::settle, hooks::spans_ended_by, hooks::unfinished, hooks::wait,
    hooks::waits_for_commit;

  // -- what an entity uses --------------------------------------------------------------------------------------------

  /// As far as the caller knows, the id was never used: others may build on the first append, too.
  void note_new_id() { is_new_id_ = true; }

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
  void when_durable(durability_gate::passage action) { placed_.gate().pass(std::move(action)); }

  /// The entity leaves the memory if nobody needs it there.
  virtual void leave_if_idle() = 0;

  /// Something is on its way from or to the database, or is to be decided.
  bool is_under_way() const {
    return !commands_.is_idle() || !placed_.are_all_answered() || phase_ == phase::loading
           || phase_ == phase::appending;
  }

private:
  void submit(typename commands::waiting request, bool is_use = true) {
    commands_.add(std::move(request));
    last_used_ = is_use ? now() : last_used_;
    advance();
  }

  void advance() override {
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
      if (!item.appended && requests.empty() && this->must_be_verified(item.request)) {
        commands_.put_back();
        this->verify();
        return;
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
    return (phase_ == phase::ready || (is_new_id_ && !was_loaded())) && placed_.may_go_on()
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

  append_traces traces_;
  bool is_new_id_ = false;
  int conflicts_ = 0;
};

} // namespace waybill
