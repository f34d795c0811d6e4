#pragma once

#include "actors/entity/settings.hpp"
#include "domain/base/result.hpp"
#include "domain/base/time.hpp"
#include "messages/journal/append.hpp"
#include "messages/journal/entity_rows.hpp"
#include "messages/journal/event_log.hpp"
#include "tracing/span.hpp"

#include <algorithm>
#include <optional>
#include <vector>

namespace waybill {

/// What a kind of entity defines; event_sourced<Kind> calls it.
template <class Kind>
class entity_hooks {
public:
  using event_type = typename Kind::event;
  using command_type = typename Kind::command;

  entity_hooks() = default;
  virtual ~entity_hooks() = default;
  entity_hooks(const entity_hooks&) = delete;
  entity_hooks& operator=(const entity_hooks&) = delete;

protected:
  virtual result<std::vector<event_type>> decide(const command_type& command) = 0;
  /// Rows of read models and the attributes of an append.
  virtual void describe(append& request, const std::vector<event_type>& events) = 0;
  /// It has work that must go on after a restart.
  virtual bool unfinished() const = 0;
  /// Nothing is under way: until a message comes, or the time of `due`, there is nothing to do. Such an entity leaves
  /// the memory soon, unfinished or not, and its row tells when to wake it.
  virtual bool only_waits() const { return false; }
  /// It only waits for its turn; see wake_in_line.
  virtual bool in_line() const { return false; }
  /// Most likely no more commands will come.
  virtual bool finished() const { return false; }
  /// Whether `request` must carry the state. A state that is not stored follows from the events when the entity is
  /// loaded; but a stored state that says that something is unfinished must be replaced once that is finished.
  virtual bool must_store(const append&) const { return true; }
  /// When the entity wants to be woken at the latest.
  virtual std::optional<timestamp> due() const = 0;
  /// Nothing may build on the append before it is durable: the shop's own rules may refuse it, or what comes next looks
  /// it up in the database.
  virtual bool waits_for_commit(const append&) const { return false; }
  /// The state was loaded, or has changed: start what is to be done next. Of kinds that go on when their appends are
  /// placed the state may not be durable yet: only what stays within the node, or is held back, belongs here.
  virtual void pursue() = 0;
  /// All of the state is durable: what shows it to others, or acts outside of the node.
  virtual void settle() {}
  /// Called by timers, never before the time asked for. The state may not be durable yet, as for `pursue`.
  virtual void on_timer() = 0;
  /// The state is about to change: copies of it that others read must be withdrawn.
  virtual void before_change() {}
  /// The state was dropped: forget the requests under way.
  virtual void forget() {}
  /// An answer is pending that is not in the queue of commands and will come soon: the entity does not retire before.
  virtual bool engaged() const { return false; }
  /// The entity retires: callers that still wait are sent to the new owner, or get ec::moved.
  virtual void let_waiters_go() {}
  /// Adds to the state what is stored in rows of its own, apart from the state's JSON.
  virtual void restore(const stored_entity&) {}

  // -- traces, while tracing is on

  /// Spans that end when `request` is durable, besides its own. Called behind `describe`.
  virtual std::vector<tracing::span> spans_ended_by(const append&) { return {}; }
  /// What must be read of the stream after a load so that a trace goes on; none when no work goes on.
  virtual std::optional<read_stream_events> trace_query() const { return std::nullopt; }
  /// What trace_query asked for. Called before `pursue`.
  virtual void restore_trace(const std::vector<stored_event>&) {}

  /// How the entity waits when it leaves the memory now.
  [[nodiscard]] entity_snapshot wait() const {
    const auto until = unfinished() ? std::optional{due().value_or(timestamp::max())} : std::nullopt;
    return {1, {}, unfinished(), until, in_line()};
  }

  /// How long the entity, whose state is known, stays in memory without a message.
  [[nodiscard]] milliseconds patience(const region_settings& region) const {
    if (!finished() && !only_waits())
      return region.idle_timeout;
    if (in_line())
      return milliseconds{0};
    return finished() ? region.linger : std::min(region.nap, region.idle_timeout);
  }
};

} // namespace waybill
