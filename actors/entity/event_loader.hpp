#pragma once

#include "actors/entity/entity_hooks.hpp"
#include "actors/entity/entity_log.hpp"
#include "actors/entity/entity_start.hpp"
#include "actors/entity/entity_support.hpp"
#include "actors/entity/entity_timer.hpp"
#include "actors/entity/memory/known_row.hpp"
#include "actors/entity/placed/entity_commands.hpp"
#include "actors/entity/placed/placed_appends.hpp"
#include "domain/base/errors.hpp"
#include "domain/base/log.hpp"

#include <caf/error.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

namespace waybill {

/// Loads a state that follows from a stream of events. The base of event_writer<Kind>, which decides the commands that
/// wait for it.
///
/// The node that owned the entity before may not have heard of that, or finish what it had begun, and write once more
/// when the state was loaded here. For a while, therefore, the stream is read again before a command is refused, or
/// answered without an append: what is in memory may be old. An append needs no such care, because the journal refuses
/// one that was decided on an old state. See docs/adr/0006-hand-over.md.
template <class Kind>
class event_loader : public entity_hooks<Kind> {
  using hooks = entity_hooks<Kind>;

public:
  using state_type = typename Kind::state;
  using typename hooks::command_type;
  using self_pointer = typename Kind::actor::pointer;

  event_loader(self_pointer self, entity_start start)
    : self_(self), start_(std::move(start)), timer_(start_.shared, start_.id),
      placed_(goes_on_when_placed ? services().sequence : nullptr, services().log_generation),
      phase_(start_.assume_new ? phase::assumed_new : phase::unloaded), last_used_(now()),
      is_sole_owner_(now() >= start_.sole_owner_from) {}

protected:
  using commands = entity_commands<command_type>;

  using hooks::due, hooks::forget, hooks::pursue, hooks::restore, hooks::restore_trace, hooks::settle,
    hooks::trace_query;

  static constexpr bool goes_on_when_placed = requires { requires Kind::goes_on_when_placed; };

  // -- what an entity uses --------------------------------------------------------------------------------------------

  /// The state has come from the database, at least once.
  bool was_loaded() const { return was_loaded_; }

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

  /// No other node writes to the stream: what is in memory is what is stored.
  bool is_sole_owner() const { return is_sole_owner_; }

  enum class phase { unloaded, loading, assumed_new, ready, appending };

  // -- what event_writer and event_sourced do -------------------------------------------------------------------------

  /// Decides the commands that wait, if that can be done now.
  virtual void advance() = 0;
  /// The entity ends if another node owns it and nothing is under way.
  virtual void end_if_retired() = 0;

  // -- loading --------------------------------------------------------------------------------------------------------

  void load() {
    was_loaded_ = true;
    state_ = state_type{};
    placed_.enter_log();
    read_stream([this](const stored_entity& stored) { on_loaded(stored); },
                [this](const failure& reason) { on_load_failed(reason); });
  }

  /// Whether `request`, which leads to no append, may have come after the last reading of a stream to which another
  /// node may write.
  bool must_be_verified(const typename commands::waiting& request) const {
    return !is_sole_owner_ && phase_ == phase::ready && is_settled() && request.number > read_through_;
  }

  /// Reads the stream once more, for the commands that wait now: the state stays if nothing was added to it.
  void verify() {
    must_load_ = exists();
    read_stream(
      [this](const stored_entity& stored) {
        auto known = rebuild_state<Kind>(stored);
        if (!known || known->version != version()) {
          forget();
          on_loaded(stored);
          return;
        }
        phase_ = phase::ready;
        must_load_ = false;
        hold([this] {
          if (exists() && !retiring_)
            rearm();
        });
      },
      [this](const failure& reason) {
        forget();
        on_load_failed(reason);
      });
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
  /// The commands, of which none is decided while the state is loaded.
  commands commands_;
  state_type state_;

private:
  template <class OnStored, class OnFailure>
  void read_stream(OnStored on_stored, OnFailure on_failure) {
    phase_ = phase::loading;
    is_sole_owner_ = now() >= start_.sole_owner_from;
    read_through_ = commands_.last_number();
    self_->request(services().reader, bounded_elsewhere, load_entity{Kind::kind, start_.id})
      .then([on_stored](stored_entity& stored) { on_stored(stored); },
            [on_failure](const caf::error& reason) { on_failure(to_failure(reason)); });
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

  bool was_loaded_ = false;
  /// As of the last reading.
  bool is_sole_owner_;
  /// The number of the last command that waited when the stream was read.
  std::uint64_t read_through_ = 0;
};

} // namespace waybill
