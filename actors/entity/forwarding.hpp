#pragma once

#include "actors/entity/entity_support.hpp"
#include "domain/base/errors.hpp"
#include "messages/cluster/cluster.hpp"

#include <caf/actor.hpp>
#include <caf/actor_cast.hpp>
#include <caf/actor_clock.hpp>
#include <caf/actor_system.hpp>
#include <caf/message.hpp>
#include <caf/response_promise.hpp>
#include <caf/send.hpp>
#include <caf/telemetry/counter.hpp>
#include <caf/telemetry/metric_registry.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace waybill {

/// What became of a command that was sent to a region of another node.
enum class forward_failure : std::uint8_t {
  /// The entity, or its region, said no: final.
  refused,
  /// That region does not own the entity; nothing was done.
  moved,
  /// Nobody is there any more; the command may have been carried out.
  lost
};

forward_failure classify(const caf::error& reason);

/// How long to wait before a command that was refused `refusals` times (from 1) is sent again.
milliseconds pause_before_resending(std::uint32_t refusals);

/// Whether `region` still answers what it was asked before `now` came to hold.
bool still_answers(const placement& now, const caf::strong_actor_ptr& region);

/// Commands of this node for entities of other nodes. They are kept until they are answered, because the owner may
/// change while they are under way: one that a region turned away (ec::moved) is sent again, as is one whose region is
/// gone, unless carrying it out twice would show. A command that finds no owner in time fails with ec::unavailable.
///
/// Only what crosses to another node pays for this: commands for entities of this node are delegated. There are no
/// time-outs while a live region works on a command; whoever asked has one. See docs/adr/0006-hand-over.md.
template <class SelfPointer>
class forwarding {
public:
  struct hooks {
    /// Who owns a shard now; nullptr when nobody does.
    std::function<const region_peer*(std::uint16_t shard)> owner;
    /// The last note was delivered, or given up.
    std::function<void()> notes_delivered = [] {};
  };

  forwarding(SelfPointer self, const region_settings& settings, const char* type_name, hooks asked)
    : self_(self), settings_(settings), type_name_(type_name), hooks_(std::move(asked)),
      resent_(self->system().metrics().counter_singleton(
        "waybill", "commands-resent", "Commands for other nodes that were sent again, to the same node or another.",
        "1", true)) {}

  /// Sends `command` to the owner of `shard` and its answer to `promise`, which is empty when nobody waits.
  /// `repeatable`: carrying it out twice is the same as once. A command that ends up on this node comes back through
  /// this actor's mailbox.
  template <class... Results, class Command>
  void forward(std::uint16_t shard, Command&& command, bool repeatable, caf::response_promise promise) {
    item next;
    next.command = caf::make_message(std::forward<Command>(command));
    next.shard = shard;
    next.repeatable = repeatable;
    next.promise = std::move(promise);
    next.ask = &forwarding::template ask<Results...>;
    start(std::move(next));
  }

  /// The same for something that one region tells another.
  template <class Note>
  void note(std::uint16_t shard, Note&& what) {
    item next;
    next.command = caf::make_message(std::forward<Note>(what));
    next.shard = shard;
    next.repeatable = next.is_note = true;
    next.ask = &forwarding::template ask<>;
    ++notes_;
    start(std::move(next));
  }

  [[nodiscard]] bool has_notes() const noexcept { return notes_ > 0; }
  [[nodiscard]] std::size_t size() const noexcept { return items_.size(); }

  /// The owners have changed: what waits looks for its owner at once, and so does what is lost with its region.
  void replaced(const placement& now) {
    std::vector<std::uint64_t> affected;
    for (auto& [id, what] : items_)
      if (!what.target || !still_answers(now, what.target))
        affected.push_back(id);
    for (const auto id : affected)
      if (auto found = items_.find(id); found != items_.end())
        resend_or_give_up(*found);
  }

private:
  struct item {
    caf::message command;
    std::uint16_t shard = 0;
    bool repeatable = false;
    bool is_note = false;
    caf::response_promise promise;
    /// Sends it; knows the type of the answer.
    void (forwarding::*ask)(std::uint64_t id, item& what) = nullptr;
    /// The region that works on it; null while it waits.
    caf::strong_actor_ptr target;
    std::uint32_t attempt = 0;
    std::uint32_t refusals = 0;
    bool waiting = false;
    caf::actor_clock::time_point retry_at;
    std::optional<caf::actor_clock::time_point> give_up_at;
  };
  using entry = std::pair<const std::uint64_t, item>;

  /// What a note tells is also found by looking, only later.
  static constexpr milliseconds patience_with_notes{1'000};

  void start(item what) { send(*items_.emplace_hint(items_.end(), ++last_id_, std::move(what))); }

  void send(entry& one) {
    auto& [id, what] = one;
    const auto* peer = hooks_.owner(what.shard);
    if (peer == nullptr && what.is_note) {
      // Nobody to tell; whoever takes the shard will look for itself.
      take(items_.find(id));
    } else if (peer == nullptr || !peer->region) {
      wait(one);
    } else if (peer->region == self_->ctrl()) {
      deliver_locally(one);
    } else {
      what.target = peer->region;
      if (++what.attempt > 1)
        resent_->inc();
      (this->*what.ask)(id, what);
    }
  }

  template <class... Results>
  void ask(std::uint64_t id, item& what) {
    self_->request(caf::actor_cast<caf::actor>(what.target), caf::infinite, what.command)
      .then(
        // The answer to an earlier attempt is as good as any.
        [this, id](Results&... results) {
          if (auto found = items_.find(id); found != items_.end()) {
            auto promise = take(found);
            if (promise.pending())
              promise.deliver(std::move(results)...);
          }
        },
        [this, id, attempt = what.attempt](caf::error& reason) {
          if (auto found = items_.find(id); found != items_.end() && found->second.attempt == attempt)
            on_failure(*found, reason);
        });
  }

  void on_failure(entry& one, caf::error& reason) {
    switch (classify(reason)) {
      case forward_failure::refused: fail(one.first, std::move(reason)); break;
      case forward_failure::moved: wait(one); break;
      case forward_failure::lost:
        if (one.second.repeatable)
          wait(one);
        else
          fail_as_unknown(one.first);
        break;
    }
  }

  void resend_or_give_up(entry& one) {
    auto& what = one.second;
    const bool lost = what.target != nullptr;
    what.target = nullptr;
    // A late refusal of the region that is gone is of no interest.
    ++what.attempt;
    if (!lost || what.repeatable)
      send(one);
    else
      fail_as_unknown(one.first);
  }

  void fail_as_unknown(std::uint64_t id) {
    fail(id, to_error({ec::timed_out, std::string{"the node of a "} + type_name_ + " went away in the middle"}));
  }

  void wait(entry& one) {
    const auto time = self_->clock().now();
    auto& what = one.second;
    what.target = nullptr;
    if (!what.give_up_at)
      what.give_up_at = time + (what.is_note ? patience_with_notes : settings_.patience);
    if (*what.give_up_at <= time) {
      fail(one.first, to_error({ec::unavailable, std::string{"no node holds this "} + type_name_ + " now"}));
      return;
    }
    what.retry_at = std::min(*what.give_up_at, time + pause_before_resending(++what.refusals));
    if (!std::exchange(what.waiting, true))
      waiting_.push_back(one.first);
    look_again_later();
  }

  void look_again_later() {
    constexpr milliseconds interval{10};
    if (ticking_ || waiting_.empty())
      return;
    ticking_ = true;
    self_->run_delayed(interval, [this] {
      ticking_ = false;
      const auto time = self_->clock().now();
      for (const auto id : std::exchange(waiting_, {})) {
        auto found = items_.find(id);
        if (found == items_.end())
          continue;
        auto& what = found->second;
        what.waiting = !what.target && what.retry_at > time;
        if (what.waiting)
          waiting_.push_back(id);
        else if (!what.target)
          send(*found);
      }
      look_again_later();
    });
  }

  /// The entity is this node's: the command takes the way of a local one.
  void deliver_locally(entry& one) {
    const auto command = one.second.command;
    const auto here = caf::actor_cast<caf::actor>(self_->ctrl());
    auto promise = take(items_.find(one.first));
    if (promise.pending())
      promise.delegate(here, command);
    else
      caf::anon_send(here, command);
  }

  void fail(std::uint64_t id, caf::error reason) {
    auto promise = take(items_.find(id));
    if (promise.pending())
      promise.deliver(std::move(reason));
  }

  caf::response_promise take(typename std::map<std::uint64_t, item>::iterator found) {
    auto promise = std::move(found->second.promise);
    const bool was_note = found->second.is_note;
    items_.erase(found);
    if (was_note && --notes_ == 0)
      hooks_.notes_delivered();
    return promise;
  }

  SelfPointer self_;
  region_settings settings_;
  const char* type_name_;
  hooks hooks_;
  std::map<std::uint64_t, item> items_;
  std::uint64_t last_id_ = 0;
  std::size_t notes_ = 0;
  caf::telemetry::int_counter* resent_;
  /// Without a region that works on them; some may have found one, or ended, in the meantime.
  std::vector<std::uint64_t> waiting_;
  bool ticking_ = false;
};

} // namespace waybill
