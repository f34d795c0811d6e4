#pragma once

#include "actors/entity/entity_commands.hpp"
#include "actors/entity/entity_support.hpp"
#include "domain/base/codec.hpp"
#include "domain/base/errors.hpp"
#include "messages/actors.hpp"
#include "messages/cluster/placement.hpp"

#include <caf/error.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <spdlog/spdlog.h>

#include <algorithm>
#include <atomic>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace waybill {

/// The part that all event-sourced entities share. Commands wait in a queue; all that wait are decided together, their
/// events appended at once, and everybody is answered after the commit (G1). While an append is under way nobody reads
/// the state. A lost race for the stream drops the state, loads it again and decides again (G2).
///
/// Domain names the pure part: `state`, `event`, `command`, `actor` (the typed handle), `kind`; static functions
/// `apply`, `is_creating(command)`.
template <class Domain>
class entity {
public:
  using state_type = typename Domain::state;
  using event_type = typename Domain::event;
  using command_type = typename Domain::command;
  using self_pointer = typename Domain::actor::pointer;

  entity(self_pointer self, entity_start start, region_settings region)
    : self_(self), start_(std::move(start)), region_(region),
      phase_(start_.assume_new ? phase::assumed_new : phase::unloaded), last_used_(now()) {
    arm(last_used_ + region_.idle_timeout);
  }

  virtual ~entity() = default;
  entity(const entity&) = delete;
  entity& operator=(const entity&) = delete;

protected:
  using outcome = command_outcome;
  using commands = entity_commands<command_type>;
  using completion = typename commands::completion;

  // -- what an entity defines
  // ------------------------------------------------------------------------------------------

  virtual result<std::vector<event_type>> decide(const command_type& command) = 0;
  /// Rows of read models and the attributes of an append.
  virtual void describe(append& request, const std::vector<event_type>& events) = 0;
  virtual bool unfinished() const = 0;
  /// Nothing more will be asked of it, most likely.
  virtual bool finished() const { return false; }
  /// Whether the state goes with `request`. What is not stored is replayed from the events when the entity is loaded,
  /// so it need not be stored only to be known; but a stored state that tells of something unfinished must not stay.
  virtual bool must_store(const append&) const { return true; }
  /// When the entity wants to be woken at the latest.
  virtual std::optional<timestamp> due() const = 0;
  /// The state was loaded or has changed and is durable: go on with what is to be done.
  virtual void pursue() = 0;
  /// Called by timers, never before the time asked for.
  virtual void on_timer() = 0;
  /// The state at hand is about to change: whoever else shows it must stop.
  virtual void before_change() {}
  /// The state was dropped: forget what was under way.
  virtual void forget() {}
  virtual std::string waits_for() const { return {}; }
  /// Somebody waits for an answer that is not in the queue and can come soon: the entity does not retire before.
  virtual bool engaged() const { return false; }
  /// The entity retires: whoever still waits is sent to the new owner, or told ec::moved.
  virtual void let_waiters_go() {}
  /// Adds what is stored apart from the state's JSON.
  virtual void restore(const stored_entity&) {}

  // -- what an entity uses
  // ---------------------------------------------------------------------------------------------

  /// Carries `command` out after those that came before it; `done` is called after the commit. Fails with
  /// ec::version_mismatch when the entity is not at `expected_version` then (zero: any).
  void execute(command_type command, provenance origin, completion done, std::uint64_t expected_version = 0) {
    commands_.add({std::move(command), std::move(origin), std::move(done), expected_version});
    last_used_ = now();
    advance();
  }

  /// Calls `done` when the state at hand is durable.
  void read(completion done) {
    commands_.add({std::nullopt, {}, std::move(done), 0});
    last_used_ = now();
    advance();
  }

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
  void arm(timestamp when) {
    // Far timers are cut into pieces, so that one of an entity that is gone does not stay in the queue for long.
    constexpr milliseconds furthest{5'000};
    when = std::min(when, now() + furthest);
    if (armed_ && *armed_ <= when)
      return;
    armed_ = when;
    ++timers_;
    if (start_.shared->timers.add(when, start_.id))
      start_.shared->start_ticking();
  }

  /// Loads the entity, which goes on with what it had not finished.
  void resume() {
    must_load_ = must_load_ || phase_ == phase::unloaded || phase_ == phase::assumed_new;
    read({});
  }

  /// Another node owns the entity now: what has come in until here is carried out and answered, then the entity ends.
  void retire() {
    count_message();
    retiring_ = true;
    end_if_retired();
  }

  /// Call it when `engaged` may have become false.
  void end_if_retired() {
    const bool busy =
      held_ || !commands_.is_idle() || phase_ == phase::loading || phase_ == phase::appending || engaged();
    if (!retiring_ || busy)
      return;
    let_waiters_go();
    if (must_load_ || (phase_ == phase::ready && unfinished()))
      start_.shared->on_retired({start_.id});
    self_->quit();
  }

  /// Handles a timer. Does not call `count`: being woken is not being used.
  void wake() {
    count_message();
    if (timers_ > 0)
      --timers_;
    // Left over from a time when less was to be waited for; the one that counts is still in the queue.
    if (timers_ > 0 && armed_ && *armed_ > now())
      return;
    armed_.reset();
    if (phase_ == phase::unloaded && must_load_)
      load();
    if (phase_ == phase::ready) {
      hold([this] { on_timer(); });
      rearm();
    }
    leave_if_idle();
    if (!armed_)
      arm(std::max(last_used_ + patience(), now() + shortest_nap));
  }

  /// Counts a handled message; call it once in every handler.
  void count() {
    count_message();
    last_used_ = now();
  }

  /// Answers with `view()` once the state at hand is durable. Fails with ec::not_found.
  template <class Answer, class View>
  caf::result<Answer> answer_read(View view) {
    auto promise = self_->template make_response_promise<Answer>();
    read([this, promise, view](const outcome& what) mutable {
      if (what.error)
        promise.deliver(to_error(*what.error));
      else if (!exists())
        promise.deliver(to_error(missing()));
      else
        promise.deliver(view());
    });
    return promise;
  }

  /// Carries `command` out and answers with `view(outcome)` after the commit.
  template <class Answer, class View>
  caf::result<Answer> answer_command(command_type command, provenance origin, View view,
                                     std::uint64_t expected_version = 0) {
    auto promise = self_->template make_response_promise<Answer>();
    auto done = [promise, view](const outcome& what) mutable {
      if (what.error)
        promise.deliver(to_error(*what.error));
      else
        promise.deliver(view(what));
    };
    execute(std::move(command), std::move(origin), std::move(done), expected_version);
    return promise;
  }

  caf::result<entity_description> answer_description() {
    return answer_read<entity_description>([this] {
      return entity_description{start_.id, services().node, version(), public_state(), waits_for()};
    });
  }

  /// The state as JSON without what nobody may see.
  std::string public_state() const { return encode<json_members::visible>(state_); }

  failure missing() const {
    return {ec::not_found, "there is no " + std::string{name_of(Domain::kind)} + " " + start_.id};
  }

  /// For what is stored apart from the state's JSON; the change must not need an event.
  state_type& mutable_state() { return state_; }

private:
  static constexpr milliseconds shortest_nap{1'000};

  enum class phase { unloaded, loading, assumed_new, ready, appending };

  void count_message() {
    start_.link->handled.fetch_add(1, std::memory_order_relaxed);
    start_.shared->handled.fetch_add(1, std::memory_order_relaxed);
  }

  void advance() {
    if (held_)
      return;
    if (phase_ == phase::unloaded && commands_.any_waits())
      load();
    while ((phase_ == phase::ready || phase_ == phase::assumed_new) && commands_.any_waits())
      decide_batch();
    // What is not there may be made on another node, while the two disagree on the owner: an accepted order must not be
    // missing here because somebody asked for it too early.
    if (phase_ == phase::ready && !exists())
      phase_ = phase::unloaded;
    end_if_retired();
  }

  /// Commands that come out of `what` wait until it is through: it reads the state, and a decision puts events on it
  /// that are not durable yet.
  template <class Function>
  void hold(Function what) {
    held_ = true;
    what();
    held_ = false;
    advance();
  }

  // -- loading
  // ---------------------------------------------------------------------------------------------------------

  void load() {
    phase_ = phase::loading;
    state_ = state_type{};
    self_->request(services().reader, caf::infinite, load_entity{Domain::kind, start_.id})
      .then([this](stored_entity& stored) { on_loaded(stored); },
            [this](const caf::error& reason) { on_load_failed(to_failure(reason)); });
  }

  /// Nobody may ask again: what is unfinished tries to load itself later.
  void on_load_failed(const failure& reason) {
    constexpr milliseconds pause{500};
    phase_ = phase::unloaded;
    if (must_load_)
      arm(now() + pause);
    commands_.fail_all(reason);
    end_if_retired();
  }

  void on_loaded(const stored_entity& stored) {
    auto loaded = rebuild(stored);
    if (!loaded) {
      spdlog::error("{} cannot be read: {}", start_.id, loaded.error().detail);
      phase_ = phase::unloaded;
      must_load_ = false;
      commands_.fail_all(loaded.error());
      end_if_retired();
      return;
    }
    state_ = std::move(*loaded);
    restore(stored);
    become_ready();
  }

  result<state_type> rebuild(const stored_entity& stored) const {
    state_type rebuilt;
    if (!stored.state.empty()) {
      auto decoded = decode<state_type>(stored.state);
      if (!decoded)
        return decoded.error();
      rebuilt = std::move(*decoded);
    }
    for (const auto& item : stored.later) {
      auto event = decode_event<event_type>(item.type, item.schema, item.data);
      if (!event)
        return event.error();
      Domain::apply(rebuilt, *event, item.at);
    }
    return rebuilt;
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

  // -- deciding and appending
  // ------------------------------------------------------------------------------------------

  void decide_batch() {
    constexpr std::size_t max_batch = 256;
    if (phase_ == phase::assumed_new && !creates(commands_.next())) {
      phase_ = phase::unloaded;
      load();
      return;
    }
    std::vector<append> requests;
    while (commands_.any_waits() && commands_.batch_size() < max_batch) {
      auto& item = commands_.take();
      if (item.what.command) {
        const auto before = version();
        auto decision = decide_checked(item.what);
        if (!decision) {
          item.error = decision.error();
        } else if (!decision->empty()) {
          item.appended = item.what.changed = true;
          requests.push_back(make_append(before, item.what.origin, *decision));
        }
      }
    }
    if (!requests.empty()) {
      send(std::move(requests));
    } else if (phase_ == phase::assumed_new) {
      // Refused on the assumption that the entity is new: decide again on the truth.
      commands_.put_back();
      phase_ = phase::unloaded;
      load();
    } else {
      // The loop in `advance` goes on with what comes out of this.
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

  static bool creates(const typename commands::waiting& item) {
    return item.command && Domain::is_creating(*item.command);
  }

  append make_append(std::uint64_t before, const provenance& origin, const std::vector<event_type>& events) {
    append request;
    request.kind = Domain::kind;
    request.stream = start_.id;
    request.expected_version = before;
    request.at = now();
    request.origin = origin;
    request.events.reserve(events.size());
    for (const auto& event : events) {
      Domain::apply(state_, event, request.at);
      auto encoded = encode_event(event);
      request.events.push_back({std::string{encoded.type}, encoded.schema, std::move(encoded.data)});
    }
    describe(request, events);
    return request;
  }

  /// One append for each command, sent at once: the journal commits them together. Only the last carries the state.
  void send(std::vector<append> requests) {
    before_change();
    phase_ = phase::appending;
    outstanding_ = requests.size();
    // Of several, the later ones build on versions that are not durable yet, and the state proves that they came to be.
    const bool alone = requests.size() == 1;
    requests.front().version_was_seen = alone;
    if (const auto chain = alone ? 0 : new_chain(); chain != 0)
      for (auto& request : requests)
        request.chain = chain;
    if (!alone || requests.back().expected_version == 0 || must_store(requests.back()))
      requests.back().snapshot = entity_snapshot{1, encode(state_), unfinished(), unfinished() ? due() : std::nullopt};
    const auto& journal = services().journals[shard_of(start_.id) % services().journals.size()];
    std::size_t place = 0;
    for (auto& request : requests) {
      place = commands_.next_appended(place);
      // The journal answers every append within its own time-out, so none is set here.
      self_->request(journal, caf::infinite, std::move(request))
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

  /// Some events are not, or perhaps not, in the log: the state at hand is worth nothing. What was carried out is
  /// answered after loading; what lost a race is decided again.
  void recover() {
    constexpr int most_conflicts = 10;
    const bool decide_again = ++conflicts_ <= most_conflicts;
    spdlog::info("{} could not write to its stream, loading it again", start_.id);
    state_ = state_type{};
    forget();
    const auto refused = commands_.split_outcomes(decide_again);
    // What is durable goes on, even if nobody asks.
    must_load_ = true;
    load();
    commands::answer_refused(refused);
  }

  // -- leaving
  // ---------------------------------------------------------------------------------------------------------

  void rearm() {
    if (auto when = due())
      arm(*when);
  }

  milliseconds patience() const { return phase_ == phase::ready && finished() ? region_.linger : region_.idle_timeout; }

  void leave_if_idle() {
    if (retiring_)
      return;
    const bool busy = !commands_.is_idle() || phase_ == phase::loading || phase_ == phase::appending;
    if (busy || must_load_ || (phase_ == phase::ready && unfinished()))
      return;
    if (now() - last_used_ < patience()) {
      arm(last_used_ + patience());
      return;
    }
    start_.shared->on_idle({start_.id, start_.link->handled.load(std::memory_order_relaxed)});
  }

  self_pointer self_;
  entity_start start_;
  region_settings region_;
  phase phase_;
  state_type state_;
  commands commands_;
  std::size_t outstanding_ = 0;
  int conflicts_ = 0;
  timestamp last_used_;
  std::optional<timestamp> armed_;
  /// Timers of this entity in the region's queue, at most.
  std::size_t timers_ = 0;
  /// Commands wait; see `hold`.
  bool held_ = false;
  /// Belongs to another node; ends when nothing is under way.
  bool retiring_ = false;
  /// Something may be unfinished: to be loaded even if nobody asks.
  bool must_load_ = false;
};

} // namespace waybill
