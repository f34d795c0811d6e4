#pragma once

#include "actors/entity/entity_support.hpp"
#include "actors/entity/services.hpp"
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
  /// The entity, or its region, answered with an error: final.
  refused,
  /// That region does not own the entity; nothing was done.
  moved,
  /// That region is gone; the command may have been carried out.
  lost
};

forward_failure classify(const caf::error& reason);

/// How long to wait before a command that was refused `refusals` times (from 1) is sent again.
milliseconds pause_before_resending(std::uint32_t refusals);

/// Whether `region` still answers what it was asked before `now` came to hold.
bool still_answers(const placement& now, const caf::strong_actor_ptr& region);

/// Commands of this node for entities of other nodes. They are kept until they are answered, because the owner may
/// change while they are under way: a command that a region refused with ec::moved is sent again, as is a command whose
/// region is gone, unless it must not be carried out twice. A command that finds no owner in time fails with
/// ec::unavailable.
///
/// Commands for entities of this node do not come here: they are delegated. There is no time-out while a live region
/// works on a command: the caller has one. See docs/adr/0006-hand-over.md.
template <class SelfPointer>
class forwarding {
public:
  struct hooks {
    /// The owner of a shard; null when there is none.
    std::function<const region_peer*(std::uint16_t shard)> owner;
    /// The last note was delivered, or given up.
    std::function<void()> notes_delivered = [] {};
  };

  forwarding(SelfPointer self, const region_settings& settings, std::string type_name, hooks callbacks)
    : self_(self), settings_(settings), type_name_(std::move(type_name)), hooks_(std::move(callbacks)),
      resent_(self->system().metrics().counter_singleton(
        "waybill", "commands-resent", "Commands for other nodes that were sent again, to the same node or another.",
        "1", true)) {}

  /// Sends `command` to the owner of `shard` and its answer to `promise`, which is empty when nobody waits.
  /// `repeatable`: carrying it out twice is the same as once. A command that ends up on this node comes back through
  /// this actor's mailbox.
  template <class... Results, class Command>
  void forward(std::uint16_t shard, Command&& command, bool repeatable, caf::response_promise promise) {
    forwarded next;
    next.command = caf::make_message(std::forward<Command>(command));
    next.shard = shard;
    next.repeatable = repeatable;
    next.promise = std::move(promise);
    next.ask = &forwarding::template ask<Results...>;
    start(std::move(next));
  }

  /// The same for a note: a command that a region has of its own, without an answer.
  template <class Note>
  void note(std::uint16_t shard, Note&& command) {
    forwarded next;
    next.command = caf::make_message(std::forward<Note>(command));
    next.shard = shard;
    next.repeatable = next.is_note = true;
    next.ask = &forwarding::template ask<>;
    ++notes_;
    start(std::move(next));
  }

  [[nodiscard]] bool has_notes() const noexcept { return notes_ > 0; }
  [[nodiscard]] std::size_t size() const noexcept { return items_.size(); }

  /// The owners have changed: commands that wait look for their owner at once, and so do those whose region is gone.
  void replaced(const placement& now) {
    std::vector<std::uint64_t> affected;
    for (const auto& [id, item] : items_)
      if (!item.target || !still_answers(now, item.target))
        affected.push_back(id);
    for (const auto id : affected)
      if (auto item = items_.find(id); item != items_.end())
        resend_or_give_up(*item);
  }

private:
  struct forwarded {
    caf::message command;
    std::uint16_t shard = 0;
    bool repeatable = false;
    bool is_note = false;
    caf::response_promise promise;
    /// Sends `command`; knows the type of the answer.
    void (forwarding::*ask)(std::uint64_t id, forwarded& item) = nullptr;
    /// The region that works on the command; null while it waits.
    caf::strong_actor_ptr target;
    std::uint32_t attempt = 0;
    std::uint32_t refusals = 0;
    bool waiting = false;
    caf::actor_clock::time_point retry_at;
    std::optional<caf::actor_clock::time_point> give_up_at;
  };
  using item_entry = std::pair<const std::uint64_t, forwarded>;

  void start(forwarded item) { send(*items_.emplace_hint(items_.end(), ++last_id_, std::move(item))); }

  void send(item_entry& entry) {
    auto& [id, item] = entry;
    const auto* peer = hooks_.owner(item.shard);
    if (peer == nullptr && item.is_note) {
      // There is no region to tell; the next owner of the shard searches for itself.
      take(items_.find(id));
    } else if (peer == nullptr || !peer->region) {
      wait(entry);
    } else if (peer->region == self_->ctrl()) {
      deliver_locally(entry);
    } else {
      item.target = peer->region;
      if (++item.attempt > 1)
        resent_->inc();
      (this->*item.ask)(id, item);
    }
  }

  template <class... Results>
  void ask(std::uint64_t id, forwarded& item) {
    self_->request(caf::actor_cast<caf::actor>(item.target), bounded_elsewhere, item.command)
      .then(
        // The answer to an earlier attempt counts too.
        [this, id](Results&... results) {
          if (auto answered = items_.find(id); answered != items_.end()) {
            auto promise = take(answered);
            if (promise.pending())
              promise.deliver(std::move(results)...);
          }
        },
        [this, id, attempt = item.attempt](caf::error& reason) {
          if (auto failed = items_.find(id); failed != items_.end() && failed->second.attempt == attempt)
            on_failure(*failed, reason);
        });
  }

  void on_failure(item_entry& failed, caf::error& reason) {
    switch (classify(reason)) {
      case forward_failure::refused: fail(failed.first, std::move(reason)); break;
      case forward_failure::moved: wait(failed); break;
      case forward_failure::lost:
        if (failed.second.repeatable)
          wait(failed);
        else
          fail_as_unknown(failed.first);
        break;
    }
  }

  void resend_or_give_up(item_entry& entry) {
    auto& item = entry.second;
    const bool lost = item.target != nullptr;
    item.target = nullptr;
    // A late error from the region that is gone is ignored.
    ++item.attempt;
    if (!lost || item.repeatable)
      send(entry);
    else
      fail_as_unknown(entry.first);
  }

  void fail_as_unknown(std::uint64_t id) {
    fail(id, to_error({ec::timed_out, "the node of a " + type_name_ + " went away in the middle"}));
  }

  void wait(item_entry& entry) {
    const auto time = self_->clock().now();
    auto& item = entry.second;
    item.target = nullptr;
    if (!item.give_up_at)
      item.give_up_at = time + settings_.patience;
    if (*item.give_up_at <= time) {
      fail(entry.first, to_error({ec::unavailable, "no node holds this " + type_name_ + " now"}));
      return;
    }
    item.retry_at = std::min(*item.give_up_at, time + pause_before_resending(++item.refusals));
    if (!std::exchange(item.waiting, true))
      waiting_.push_back(entry.first);
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
        auto position = items_.find(id);
        if (position == items_.end())
          continue;
        auto& item = position->second;
        item.waiting = !item.target && item.retry_at > time;
        if (item.waiting)
          waiting_.push_back(id);
        else if (!item.target)
          send(*position);
      }
      look_again_later();
    });
  }

  /// The entity is this node's: the command takes the way of a local one.
  void deliver_locally(item_entry& entry) {
    const auto command = entry.second.command;
    const auto here = caf::actor_cast<caf::actor>(self_->ctrl());
    auto promise = take(items_.find(entry.first));
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

  caf::response_promise take(typename std::map<std::uint64_t, forwarded>::iterator position) {
    auto promise = std::move(position->second.promise);
    const bool was_note = position->second.is_note;
    items_.erase(position);
    if (was_note && --notes_ == 0)
      hooks_.notes_delivered();
    return promise;
  }

  SelfPointer self_;
  region_settings settings_;
  std::string type_name_;
  hooks hooks_;
  std::map<std::uint64_t, forwarded> items_;
  std::uint64_t last_id_ = 0;
  std::size_t notes_ = 0;
  caf::telemetry::int_counter* resent_;
  /// Ids of items without a region that works on them; some may have found one, or ended, in the meantime.
  std::vector<std::uint64_t> waiting_;
  bool ticking_ = false;
};

} // namespace waybill
