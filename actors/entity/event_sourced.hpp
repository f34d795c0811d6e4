#pragma once

#include "actors/entity/event_writer.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace waybill {

/// An event_writer that is in memory while there is something to do: it is loaded by its first message or to go on with
/// what is unfinished, stores how it waits when it leaves, and ends when another node owns it.
///
/// The base of entity<Kind>, which says what `Kind` names.
template <class Kind>
class event_sourced : public event_writer<Kind> {
  using base = event_writer<Kind>;
  using typename base::phase;

public:
  using typename base::command_type;
  using typename base::event_type;
  using typename base::self_pointer;

  event_sourced(self_pointer self, entity_start start, region_settings region)
    : base(self, std::move(start)), region_(region) {
    arm(last_used_ + region_.idle_timeout);
  }

protected:
  using base::arm, base::exists, base::id, base::link, base::mutable_state, base::now, base::read, base::regions,
    base::self, base::services, base::state, base::version, base::unfinished, base::wait;

  /// Loads the entity, which then goes on with what it had not finished.
  void resume() {
    must_load_ = must_load_ || phase_ == phase::unloaded || phase_ == phase::assumed_new;
    read({});
  }

  /// What is in memory may not be what is stored: it is dropped and loaded again. False when that cannot be done now.
  bool load_again() {
    if (phase_ != phase::ready || retiring_ || !this->is_settled())
      return false;
    this->forget();
    must_load_ = true;
    this->load();
    return true;
  }

  /// Whether what was learnt when `placed()` was `then` still holds.
  bool still_holds(placed_in then) {
    follow_epoch();
    return !base::placed_.is_void(then);
  }

  /// Stores how the entity waits, or that it is finished; false when its row says so already.
  bool store_wait() {
    auto snapshot = wait();
    if (is_busy() || phase_ != phase::ready || !exists() || row_.tells(snapshot, now()))
      return false;
    is_storing_wait_ = true;
    row_.note_written(snapshot);
    snapshot.state = encode(state());
    auto request = append_of_wait(id(), version(), snapshot, now());
    request.generation = this->placed().generation;
    self_->request(services().journal_of(start_.id), bounded_elsewhere, std::move(request))
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
  void end_if_retired() override {
    const bool busy = held_ || is_busy() || this->engaged();
    if (!busy && !retiring_ && !must_load_ && phase_ == phase::unloaded)
      start_.shared->on_idle({start_.id, start_.link->handled.load(std::memory_order_relaxed), std::nullopt});
    if (!retiring_ || busy)
      return;
    this->let_waiters_go();
    if (must_load_ || (phase_ == phase::ready && unfinished() && !row_.tells(wait(), now())))
      start_.shared->on_retired({start_.id});
    self_->quit();
  }

  /// Handles a wake-up. Does not call `count`: a timer does not keep an idle entity in memory.
  void wake() {
    start_.count_message();
    follow_epoch();
    if (!timer_.fire(now()))
      return;
    if (phase_ == phase::unloaded && must_load_)
      this->load();
    if (phase_ == phase::ready) {
      this->hold([this] { this->on_timer(); });
      this->rearm();
    }
    leave_if_idle();
    if (!timer_.is_armed())
      arm(std::max(last_used_ + patience(), now() + shortest_nap));
  }

  /// Counts a handled message; call it once in every handler. `is_use`: as for read.
  void count(bool is_use = true) {
    start_.count_message();
    last_used_ = is_use ? now() : last_used_;
    follow_epoch();
  }

private:
  using base::held_, base::last_used_, base::must_load_, base::phase_, base::retiring_, base::row_, base::self_,
    base::start_, base::timer_;

  static constexpr milliseconds shortest_nap{1'000};

  bool is_busy() const { return is_storing_wait_ || this->is_under_way(); }

  /// When the epoch has ended, or the log was replaced, what the entity knows of others may never have been: it begins
  /// anew. What it has placed is answered first; until then all that it places is void too.
  void follow_epoch() {
    const bool waits = held_ || phase_ == phase::loading || phase_ == phase::appending || !this->is_settled();
    if (waits || !base::placed_.has_ended())
      return;
    base::placed_.enter_epoch();
    base::placed_.enter_log();
    if (exists())
      load_again();
  }

  milliseconds patience() const {
    return phase_ == phase::ready ? entity_hooks<Kind>::patience(region_) : region_.idle_timeout;
  }

  void leave_if_idle() override {
    if (retiring_ || is_busy() || must_load_)
      return;
    const bool waits = phase_ == phase::ready && unfinished();
    const auto until = waits ? wait().due : std::nullopt;
    if (waits && (!this->only_waits() || *until < now() + region_.nap))
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

  region_settings region_;
  bool is_storing_wait_ = false;
};

} // namespace waybill
