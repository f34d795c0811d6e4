#pragma once

#include "actors/entity/addressing.hpp"
#include "actors/entity/entity.hpp"
#include "actors/entity/forwarding.hpp"
#include "actors/entity/shard_map.hpp"
#include "domain/base/errors.hpp"

#include <caf/actor_cast.hpp>
#include <caf/send.hpp>

#include <algorithm>
#include <optional>
#include <unordered_map>

namespace waybill {

/// Holds the entities of one kind whose shards this node owns and hands every command to the one it is for; commands
/// for shards of other nodes go to the regions there. Entities are activated by their first message, or by taking over
/// a shard in which they have something unfinished, and leave when they are idle. When a shard goes to another node,
/// its entities finish what they have begun and tell the new owner; see docs/adr/0006-hand-over.md.
///
/// Traits names the kind: `actor`, `region_actor`, `kind`, `type_name`, and `creates(command)`.
template <class Traits>
class region {
public:
  using actor_type = typename Traits::actor;
  using self_pointer = typename Traits::region_actor::pointer;
  using factory = std::function<actor_type(entity_start)>;

  region(self_pointer self, entity_services services, region_settings settings, factory make)
    : self_(self), settings_(settings), make_(std::move(make)), shared_(std::make_shared<region_shared>()),
      forwarding_(self, settings, Traits::type_name,
                  {[this](std::uint16_t shard) { return shards_.owner(shard); }, [this] { answer_hand_over(); }}) {
    shared_->services = std::move(services);
    auto me = caf::actor_cast<caf::weak_actor_ptr>(self);
    auto tell_me = [me](auto message) {
      if (auto alive = me.lock())
        caf::anon_send(caf::actor_cast<typename Traits::region_actor>(alive), std::move(message));
    };
    shared_->start_ticking = [tell_me] { tell_me(wake_up{}); };
    shared_->on_idle = [tell_me](entity_idle message) { tell_me(std::move(message)); };
    shared_->on_retired = [tell_me](retire_entity message) { tell_me(std::move(message)); };
    self_->set_exit_handler([this](caf::exit_msg& message) { end(message.reason); });
    self_->set_down_handler([this](caf::down_msg& message) { on_entity_down(message); });
  }

  /// Hands `command` to its entity, here or on the node that owns it. Fails with ec::unavailable when there has been no
  /// node of the role for a while or this one lost its lease, ec::overloaded when too many commands wait here,
  /// ec::moved when it comes from another node's region and is for a third one: that region asks again, so nothing runs
  /// in circles.
  template <class Command>
  auto route(Command& command) {
    using result_type = decltype(self_->delegate(std::declval<const actor_type&>(), std::move(command)));
    using answer = typename delegated_answer<result_type>::type;
    const auto& key = key_of(command);
    const auto shard = shard_of(key);
    const auto* peer = shards_.owner(shard);
    const bool serving = shared_->services.may_serve();
    if (!serving || peer == nullptr || peer->node != shards_.current().self) {
      if (comes_from_elsewhere())
        return answer{to_error({ec::moved, key + " is not here"})};
      if (!serving || (peer == nullptr && !owner_may_come()))
        return answer{to_error({ec::unavailable, std::string{"no node holds "} + Traits::type_name + " entities now"})};
      if (forwarding_.size() >= settings_.max_waiting)
        return answer{overloaded()};
      return answer{forward(shard, command, static_cast<result_type*>(nullptr))};
    }
    if (backlog() >= settings_.max_waiting)
      return answer{overloaded()};
    if (Traits::creates(command) && entries_.size() >= settings_.max_active && !entries_.contains(key))
      return answer{to_error({ec::overloaded, std::string{"too many "} + Traits::type_name + " entities are active"})};
    auto& entry = activate(key, Traits::creates(command));
    return answer{deliver(entry, std::move(command))};
  }

  void connect(const region_handles& regions) { shared_->regions = regions; }

  void place(const placement& next) {
    std::vector<std::uint16_t> gained;
    if (!shards_.replace(next, gained))
      return;
    if (!next.peers.empty() || next.fenced)
      ownerless_since_.reset();
    else if (!ownerless_since_)
      ownerless_since_ = self_->clock().now();
    if (next.fenced)
      drop_all();
    else
      hand_over();
    forwarding_.replaced(next);
    if (gained.empty())
      return;
    // A former owner that died may have made something durable that became visible later than this look.
    constexpr milliseconds once_more{5'000};
    self_->run_delayed(once_more, [this, gained] { resume_unfinished(gained, {}); });
    resume_unfinished(std::move(gained), {});
    sweep_later();
  }

  /// An entity that was handed over has ended with something unfinished: its new owner goes on at once.
  void resume_at_owner(const retire_entity& ended) {
    const auto shard = shard_of(ended.id);
    if (shards_.owns(shard))
      send_resume(ended.id);
    else
      forwarding_.note(shard, resume_entity{ended.id});
  }

  caf::result<void> finish_hand_over() {
    auto promise = self_->template make_response_promise<void>();
    waiting_for_hand_over_.push_back(promise);
    answer_hand_over();
    return promise;
  }

  void tick() {
    for (auto& id : shared_->timers.take_due(shared_->services.clock()))
      if (auto entry = entries_.find(id); entry != entries_.end())
        deliver_wake_up(entry->second, id);
    if (!shared_->timers.empty() && !ticking_) {
      ticking_ = true;
      constexpr milliseconds interval{20};
      self_->run_delayed(interval, [this] {
        ticking_ = false;
        tick();
      });
    }
  }

  void passivate(const entity_idle& message) {
    auto entry = entries_.find(message.id);
    // A message that is still on its way to the entity keeps it here.
    if (entry == entries_.end() || entry->second.sent != message.handled)
      return;
    // An exit for the reason `normal` would not end it.
    self_->send_exit(entry->second.actor, caf::exit_reason::user_shutdown);
    forget(entry);
  }

  actor_list list(const list_actors& query) const {
    actor_list result;
    result.total = entries_.size();
    for (const auto& [id, entry] : entries_) {
      const auto handled = entry.link->handled.load(std::memory_order_relaxed);
      const auto waiting = entry.sent > handled ? entry.sent - handled : 0;
      result.actors.push_back({Traits::type_name, id, shared_->services.node, waiting, handled});
    }
    const auto shown = std::min<std::size_t>(query.limit, result.actors.size());
    std::partial_sort(result.actors.begin(), result.actors.begin() + static_cast<std::ptrdiff_t>(shown),
                      result.actors.end(), [&](const actor_entry& x, const actor_entry& y) {
                        return query.by_mailbox && x.mailbox != y.mailbox ? x.mailbox > y.mailbox : x.id < y.id;
                      });
    result.actors.resize(shown);
    return result;
  }

  /// The entity gets no chance to finish anything; the rest is what follows of any entity that meets a defect.
  bool kill(const kill_entity& victim) {
    const auto entry = entries_.find(victim.id);
    if (entry == entries_.end())
      return false;
    self_->send_exit(entry->second.actor, caf::exit_reason::kill);
    return true;
  }

private:
  template <class Delegated>
  struct delegated_answer;

  template <class... Results>
  struct delegated_answer<caf::delegated<Results...>> {
    using type = caf::result<Results...>;
  };

  struct entry_type {
    actor_type actor;
    std::uint64_t sent = 0;
    std::shared_ptr<entity_link> link;
  };

  /// Nobody has owned the role for less time than a command would wait for somebody who does: one node of two has left,
  /// and the other is just coming back.
  bool owner_may_come() const {
    return ownerless_since_ && self_->clock().now() - *ownerless_since_ < settings_.patience;
  }

  bool comes_from_elsewhere() const {
    const auto& sender = self_->current_sender();
    return sender && sender->node() != self_->node();
  }

  static caf::error overloaded() {
    return to_error({ec::overloaded, std::string{"too many commands wait for "} + Traits::type_name + " entities"});
  }

  template <class Command, class... Results>
  caf::delegated<Results...> forward(std::uint16_t shard, Command& command, caf::delegated<Results...>*) {
    const bool repeatable = is_repeatable(command);
    // A promise that is dropped would end a sender who asked for nothing.
    caf::response_promise promise;
    if (!self_->current_message_id().is_async())
      promise = self_->template make_response_promise<caf::response_promise>();
    if constexpr (std::is_same_v<caf::delegated<Results...>, caf::delegated<void>>)
      forwarding_.template forward<>(shard, std::move(command), repeatable, std::move(promise));
    else
      forwarding_.template forward<Results...>(shard, std::move(command), repeatable, std::move(promise));
    return {};
  }

  /// An entity may handle another message after its entry was forgotten: then more were handled than sent.
  std::uint64_t backlog() const {
    const auto handled = shared_->handled.load(std::memory_order_relaxed);
    return sent_ > handled ? sent_ - handled : 0;
  }

  entry_type& activate(const std::string& id, bool assume_new) {
    auto found = entries_.find(id);
    if (found == entries_.end()) {
      entry_type entry;
      entry.link = std::make_shared<entity_link>();
      entry.actor = make_({id, assume_new, shared_, entry.link});
      self_->monitor(entry.actor);
      ids_.emplace(entry.actor.id(), id);
      found = entries_.emplace(id, std::move(entry)).first;
    }
    return found->second;
  }

  template <class Command>
  auto deliver(entry_type& entry, Command command) {
    ++entry.sent;
    ++sent_;
    return self_->delegate(entry.actor, std::move(command));
  }

  void send_resume(const std::string& id) {
    auto& entry = activate(id, false);
    ++entry.sent;
    ++sent_;
    caf::anon_send(entry.actor, resume_entity{id});
  }

  void deliver_wake_up(entry_type& entry, const std::string& id) {
    ++entry.sent;
    ++sent_;
    caf::anon_send(entry.actor, wake_up{id});
  }

  void forget(typename std::unordered_map<std::string, entry_type>::iterator entry) {
    entry->second.link->current = false;
    // What it never handled does not wait any more.
    sent_ -= entry->second.sent - entry->second.link->handled.load(std::memory_order_relaxed);
    ids_.erase(entry->second.actor.id());
    entries_.erase(entry);
  }

  /// Entities whose shards went to another node finish what waits in front of this and end; the other node loads what
  /// they made durable.
  void hand_over() {
    for (auto entry = entries_.begin(); entry != entries_.end();) {
      auto next = std::next(entry);
      if (!shards_.owns(shard_of(entry->first))) {
        entry->second.link->current = false;
        ++sent_;
        caf::anon_send(entry->second.actor, retire_entity{entry->first});
        retiring_.emplace(entry->second.actor.id(), entry->second.actor);
        ids_.erase(entry->second.actor.id());
        entries_.erase(entry);
      }
      entry = next;
    }
    answer_hand_over();
  }

  /// What is here may belong to others already, who have not waited.
  void drop_all() {
    while (!entries_.empty()) {
      self_->send_exit(entries_.begin()->second.actor, caf::exit_reason::user_shutdown);
      forget(entries_.begin());
    }
    for (const auto& [id, entity] : retiring_)
      self_->send_exit(entity, caf::exit_reason::user_shutdown);
  }

  void answer_hand_over() {
    // What the new owners must know goes out as a command of its own.
    if (!retiring_.empty() || forwarding_.has_notes())
      return;
    for (auto& promise : std::exchange(waiting_for_hand_over_, {}))
      promise.deliver();
  }

  /// An entity that ended by itself has met a defect: the next message, or the next start, loads it afresh.
  void on_entity_down(const caf::down_msg& message) {
    if (retiring_.erase(message.source.id()) > 0) {
      answer_hand_over();
      return;
    }
    const auto found = ids_.find(message.source.id());
    if (found == ids_.end())
      return;
    auto entry = entries_.find(found->second);
    spdlog::error("{} {} ended unexpectedly: {}", Traits::type_name, entry->first, caf::to_string(message.reason));
    const auto id = entry->first;
    forget(entry);
    // Not at once: what cannot be loaded would end again and again.
    constexpr milliseconds pause{1'000};
    self_->run_delayed(pause, [this, id] {
      if (shards_.owns(shard_of(id)))
        send_resume(id);
    });
  }

  void resume_unfinished(std::vector<std::uint16_t> shards, std::string after) {
    constexpr std::uint32_t page = 1000;
    list_unfinished query{Traits::kind, shards.size() == shard_count ? std::vector<std::uint16_t>{} : shards, after,
                          page};
    self_->request(shared_->services.reader, caf::infinite, std::move(query))
      .then(
        [this, shards](const unfinished_page& found) {
          blind_ = false;
          resume(shards, found, page);
        },
        [this](const caf::error& reason) { look_again_later(to_failure(reason)); });
  }

  /// However many looks have failed: one more, at everything, makes up for them.
  void look_again_later(const failure& reason) {
    if (!std::exchange(blind_, true))
      spdlog::warn("cannot look for unfinished {} entities, trying again: {}", Traits::type_name, reason.detail);
    if (std::exchange(looking_again_, true))
      return;
    constexpr milliseconds pause{500};
    self_->run_delayed(pause, [this] {
      looking_again_ = false;
      if (auto shards = shards_.owned(); !shards.empty())
        resume_unfinished(std::move(shards), {});
    });
  }

  void resume(const std::vector<std::uint16_t>& shards, const unfinished_page& found, std::uint32_t page) {
    std::size_t resumed = 0;
    for (const auto& item : found.entities) {
      if (!shards_.owns(shard_of(item.id)) || entries_.contains(item.id))
        continue;
      send_resume(item.id);
      ++resumed;
    }
    if (resumed > 0)
      spdlog::info("{} unfinished {} entities go on", resumed, Traits::type_name);
    if (found.entities.size() == page)
      resume_unfinished(shards, found.entities.back().id);
  }

  /// A process that was stopped for longer than its lease may make an order durable when it continues, just before it
  /// finds out: nobody else hears of that order but by looking (G7).
  void sweep_later() {
    if (std::exchange(sweeping_, true))
      return;
    self_->run_delayed(settings_.sweep, [this] {
      sweeping_ = false;
      auto shards = shards_.owned();
      if (shards.empty())
        return;
      resume_unfinished(std::move(shards), {});
      sweep_later();
    });
  }

  void end(const caf::error& reason) {
    for (auto& [id, entry] : entries_) {
      entry.link->current = false;
      self_->send_exit(entry.actor, reason);
    }
    for (const auto& [id, entity] : retiring_)
      self_->send_exit(entity, reason);
    entries_.clear();
    shards_ = {};
    make_ = nullptr;
    self_->quit(reason);
  }

  self_pointer self_;
  region_settings settings_;
  factory make_;
  std::shared_ptr<region_shared> shared_;
  forwarding<self_pointer> forwarding_;
  shard_map shards_;
  /// At first there is no placement yet.
  std::optional<caf::actor_clock::time_point> ownerless_since_ = self_->clock().now();
  std::unordered_map<std::string, entry_type> entries_;
  std::unordered_map<caf::actor_id, std::string> ids_;
  /// Entities that were handed over and have not ended yet.
  std::unordered_map<caf::actor_id, actor_type> retiring_;
  std::vector<caf::typed_response_promise<void>> waiting_for_hand_over_;
  std::uint64_t sent_ = 0;
  bool ticking_ = false;
  bool sweeping_ = false;
  /// The last look for unfinished entities failed.
  bool blind_ = false;
  bool looking_again_ = false;
};

/// The state of a region's actor: its behaviour is the entity's, routed, and the control of the region. `Commands` are
/// the entity's commands.
template <class Traits, class... Commands>
struct region_state {
  static inline const char* name = Traits::region_name;

  region_state(typename Traits::region_actor::pointer self, entity_services services, region_settings settings,
               typename region<Traits>::factory make)
    : held(self, std::move(services), settings, std::move(make)) {}

  typename Traits::region_actor::behavior_type make_behavior() {
    return {
      [this](resume_entity& command) { return held.route(command); },
      [this](wake_up&) { held.tick(); },
      [this](retire_entity& message) { held.resume_at_owner(message); },
      [this](describe_entity& command) { return held.route(command); },
      [this](Commands& command) { return held.route(command); }...,
      [this](const region_handles& regions) { held.connect(regions); },
      [this](const placement& next) { held.place(next); },
      [this](const entity_idle& message) { held.passivate(message); },
      [this](const finish_hand_over&) { return held.finish_hand_over(); },
      [this](const list_actors& query) { return held.list(query); },
      [this](const kill_entity& victim) { return held.kill(victim); },
    };
  }

  region<Traits> held;
};

} // namespace waybill
