#pragma once

#include "actors/entity/entity_start.hpp"
#include "actors/entity/entity_table.hpp"
#include "actors/entity/memory/active_limit.hpp"
#include "actors/entity/memory/due_search.hpp"
#include "actors/entity/memory/gather_retrying.hpp"
#include "actors/entity/placed/commit_barrier.hpp"
#include "actors/entity/routing/addressing.hpp"
#include "actors/entity/routing/forwarding.hpp"
#include "actors/entity/routing/shard_map.hpp"
#include "actors/entity/tap/tapping.hpp"
#include "domain/base/errors.hpp"
#include "domain/base/log.hpp"

#include <caf/actor_cast.hpp>
#include <caf/send.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace waybill {

/// The handle of the region of a kind.
template <class Kind>
using region_actor_of = typename Kind::actor::template extend_with<region_control_actor>;

/// Holds the entities of one kind whose shards this node owns, and hands every command to the entity that it is for;
/// commands for shards of other nodes go to the regions there. Entities are activated by their first message, or when
/// the region takes over a shard in which they have something unfinished; idle ones are passivated. When a shard goes
/// to another node, its entities finish what they have begun and tell the new owner; see docs/adr/0006-hand-over.md.
///
/// `Kind` is described at entity<Kind>.
template <class Kind>
class region {
public:
  using actor_type = typename Kind::actor;
  using self_pointer = typename region_actor_of<Kind>::pointer;
  using factory = std::function<actor_type(entity_start)>;

  region(self_pointer self, entity_services services, region_settings settings, factory make)
    : self_(self), settings_(settings), make_(std::move(make)), shared_(std::make_shared<region_shared>()),
      entities_(shared_, self->system(), type_name()),
      forwarding_(self, settings, type_name(),
                  {[this](std::uint16_t shard) { return shards_.owner(shard); }, [this] { answer_hand_over(); }}),
      barrier_(self),
      search_(self, services, Kind::kind, settings.sweep,
              {[this] { return shards_.owned(); }, [this](const std::string& id) { return resume_if_idle(id); },
               [this](timestamp due, const std::string& id) { resume_at(due, id); },
               [this] { return entities_.size(); }, [this] { return expected_.size(); }}),
      limit_(self->system(), type_name(), settings.max_active) {
    shared_->services = std::move(services);
    auto me = caf::actor_cast<caf::weak_actor_ptr>(self);
    auto tell_me = [me](auto message) {
      if (auto alive = me.lock())
        caf::anon_send(caf::actor_cast<region_actor_of<Kind>>(alive), std::move(message));
    };
    shared_->start_ticking = [tell_me] { tell_me(wake_up{}); };
    shared_->on_idle = [tell_me](entity_idle message) { tell_me(std::move(message)); };
    shared_->on_retired = [tell_me](retire_entity message) { tell_me(std::move(message)); };
    self_->set_exit_handler([this](caf::exit_msg& message) { end(message.reason); });
    self_->set_down_handler([this](caf::down_msg& message) { on_entity_down(message); });
  }

  region(const region&) = delete;
  region& operator=(const region&) = delete;

  /// Entities do not outlive their region, should it meet a defect.
  ~region() { end_entities(); }

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
    if (comes_from_elsewhere())
      doubt_new_id(command);
    const auto* peer = shards_.owner(shard);
    const bool serving = shared_->services.may_serve();
    if (!serving || peer == nullptr || peer->node != shards_.current().self) {
      if (comes_from_elsewhere())
        return answer{to_error({ec::moved, key + " is not here"})};
      if (!serving || (peer == nullptr && !owner_may_come()))
        return answer{to_error({ec::unavailable, "no node holds " + type_name() + " entities now"})};
      if (forwarding_.size() + barrier_.size() >= settings_.max_waiting)
        return answer{overloaded()};
      return answer{forward(shard, command, static_cast<result_type*>(nullptr))};
    }
    if (entities_.backlog() >= settings_.max_waiting)
      return answer{overloaded()};
    constexpr bool creates = std::is_same_v<Command, typename Kind::create_message>;
    if (creates && limit_.is_reached(entities_.size()) && !entities_.contains(key)) {
      limit_.note_refusal();
      return answer{to_error({ec::overloaded, "too many " + type_name() + " entities are active"})};
    }
    if constexpr (std::is_same_v<Command, get_order_progress>) {
      if (!entities_.contains(key))
        return answer{order_progress{.node = shared_->services.node}};
    }
    auto& entry = activate(key, creates);
    tap_routed(shared_->services, Kind::kind, self_, command);
    return answer{deliver(entry, std::move(command))};
  }

  void connect(const region_handles& regions) { shared_->regions = regions; }

  void place(const placement& next) {
    std::vector<std::uint16_t> gained;
    if (!shards_.replace(next, shared_->services.clock(), gained))
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
    search_.shards_gained(gained);
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
      if (auto entry = entities_.find(id); entry != entities_.end())
        deliver_wake_up(entry->second, id);
    resume_expected();
    if ((!shared_->timers.empty() || !expected_.empty()) && !ticking_) {
      ticking_ = true;
      constexpr milliseconds interval{20};
      self_->run_delayed(interval, [this] {
        ticking_ = false;
        tick();
      });
    }
  }

  void passivate(const entity_idle& message) {
    auto entry = entities_.find(message.id);
    // A message that is still on its way to the entity keeps it here.
    if (entry == entities_.end() || entry->second.sent != message.handled)
      return;
    // An exit for the reason `normal` would not end it.
    self_->send_exit(entry->second.actor, caf::exit_reason::user_shutdown);
    entities_.remove(entry);
    limit_.note(entities_.size());
    if (message.due && *message.due <= search_.horizon())
      resume_at(*message.due, message.id);
  }

  caf::result<std::uint32_t> wake_in_line(const waybill::wake_in_line& room) {
    auto promise = self_->template make_response_promise<std::uint32_t>();
    search_.wake_in_line(room.most, promise);
    return promise;
  }

  caf::result<retrying_list> list_retrying_entities(const list_retrying& query) {
    if (query.everywhere)
      return gather_retrying(self_, query, shards_.current(), shared_->retrying);
    return shared_->retrying.list(query);
  }

  actor_list list(const list_actors& query) const { return entities_.list(query, type_name()); }

  /// The entity gets no chance to finish anything; then it is loaded again, as after any defect.
  bool kill(const kill_entity& victim) {
    const auto entry = entities_.find(victim.id);
    if (entry == entities_.end())
      return false;
    self_->send_exit(entry->second.actor, caf::exit_reason::kill);
    return true;
  }

private:
  using entry_type = typename entity_table<actor_type>::entry;

  static std::string type_name() { return std::string{name_of(Kind::kind)}; }

  /// The role has had no owner for a shorter time than a command waits for one: one node of two has left, and the other
  /// is just coming back.
  bool owner_may_come() const {
    return ownerless_since_ && self_->clock().now() - *ownerless_since_ < settings_.patience;
  }

  bool comes_from_elsewhere() const {
    const auto& sender = self_->current_sender();
    return sender && sender->node() != self_->node();
  }

  static caf::error overloaded() {
    return to_error({ec::overloaded, "too many commands wait for " + type_name() + " entities"});
  }

  template <class Command, class... Results>
  caf::delegated<Results...> forward(std::uint16_t shard, Command& command, caf::delegated<Results...>*) {
    const bool repeatable = is_repeatable(command);
    // A promise that is dropped would send an error, which would end a sender of a plain message.
    caf::response_promise promise;
    if (!self_->current_message_id().is_async())
      promise = self_->template make_response_promise<caf::response_promise>();
    const auto send = [this, shard, repeatable, promise](Command& durable) {
      if constexpr (std::is_same_v<caf::delegated<Results...>, caf::delegated<void>>)
        forwarding_.template forward<>(shard, std::move(durable), repeatable, promise);
      else
        forwarding_.template forward<Results...>(shard, std::move(durable), repeatable, promise);
    };
    if constexpr (requires { command.builds_on; }) {
      // It means nothing to another node.
      if (const auto epoch = std::exchange(command.builds_on.epoch, 0); epoch != 0) {
        const auto refuse = [promise](const failure& reason) mutable {
          if (promise.pending())
            promise.deliver(to_error(reason));
        };
        barrier_.pass(
          shared_->services, epoch, [send, command]() mutable { send(command); }, refuse);
        return {};
      }
    }
    send(command);
    return {};
  }

  entry_type& activate(const std::string& id, bool assume_new) {
    auto active = entities_.find(id);
    if (active == entities_.end()) {
      auto link = std::make_shared<entity_link>();
      auto actor = make_({id, assume_new, shared_, link, shards_.sole_owner_from(shard_of(id))});
      self_->monitor(actor);
      active = entities_.add(id, std::move(actor), std::move(link));
      limit_.note(entities_.size());
    }
    return active->second;
  }

  template <class Command>
  auto deliver(entry_type& entry, Command command) {
    entities_.count_sent(entry);
    return self_->delegate(entry.actor, std::move(command));
  }

  void send_resume(const std::string& id) {
    auto& entry = activate(id, false);
    tap_own<resume_entity>(shared_->services, Kind::kind, id);
    entities_.count_sent(entry);
    caf::anon_send(entry.actor, resume_entity{id});
  }

  bool resume_if_idle(const std::string& id) {
    const bool resumes = shards_.owns(shard_of(id)) && !entities_.contains(id);
    if (resumes)
      send_resume(id);
    return resumes;
  }

  void resume_at(timestamp due, const std::string& id) {
    if (expected_.add(due, id))
      tick();
  }

  /// Not all at once: they are loaded, and thousands may have one due time.
  void resume_expected() {
    constexpr std::size_t some = 1'000;
    constexpr std::size_t few = 20;
    const auto most = entities_.size() > due_search<self_pointer>::crowded ? few : some;
    for (const auto& id : expected_.take_due(shared_->services.clock(), most))
      resume_if_idle(id);
  }

  void deliver_wake_up(entry_type& entry, const std::string& id) {
    tap_own<wake_up>(shared_->services, Kind::kind, id);
    entities_.count_sent(entry);
    caf::anon_send(entry.actor, wake_up{id});
  }

  /// Entities whose shards went to another node carry out what waits in front of this message and end; the other node
  /// loads what they made durable.
  void hand_over() {
    for (auto entry = entities_.begin(); entry != entities_.end();) {
      if (shards_.owns(shard_of(entry->first))) {
        ++entry;
        continue;
      }
      const auto id = entry->first;
      const auto actor = entry->second.actor;
      entry = entities_.retire(entry);
      tap_own<retire_entity>(shared_->services, Kind::kind, id);
      caf::anon_send(actor, retire_entity{id});
      retiring_.emplace(actor.id(), actor);
    }
    answer_hand_over();
  }

  /// Other nodes own these entities already and have not waited for this one.
  void drop_all() {
    while (entities_.size() > 0) {
      self_->send_exit(entities_.begin()->second.actor, caf::exit_reason::user_shutdown);
      entities_.remove(entities_.begin());
    }
    for (const auto& [id, entity] : retiring_)
      self_->send_exit(entity, caf::exit_reason::user_shutdown);
  }

  void answer_hand_over() {
    // The new owners are told in notes of their own.
    if (!retiring_.empty() || forwarding_.has_notes())
      return;
    entities_.note_all_retired();
    for (auto& promise : std::exchange(waiting_for_hand_over_, {}))
      promise.deliver();
  }

  /// An entity that ended by itself has met a defect: it is loaded again.
  void on_entity_down(const caf::down_msg& message) {
    if (retiring_.erase(message.source.id()) > 0) {
      answer_hand_over();
      return;
    }
    auto entry = entities_.find(message.source.id());
    if (entry == entities_.end())
      return;
    const auto id = entry->first;
    log_error("{} {} ended unexpectedly: {}", type_name(), id, caf::to_string(message.reason));
    entities_.remove(entry);
    // Not at once: an entity that cannot be loaded would end again and again.
    constexpr milliseconds pause{1'000};
    self_->run_delayed(pause, [this, id] {
      if (shards_.owns(shard_of(id)))
        send_resume(id);
    });
  }

  void end_entities() {
    constexpr auto reason = caf::exit_reason::user_shutdown;
    for (auto& [id, entry] : entities_) {
      entry.link->current = false;
      caf::anon_send_exit(entry.actor, reason);
    }
    for (const auto& [id, entity] : retiring_)
      caf::anon_send_exit(entity, reason);
    entities_.clear();
  }

  void end(const caf::error& reason) {
    end_entities();
    shards_ = {};
    make_ = nullptr;
    self_->quit(reason);
  }

  self_pointer self_;
  region_settings settings_;
  factory make_;
  std::shared_ptr<region_shared> shared_;
  entity_table<actor_type> entities_;
  forwarding<self_pointer> forwarding_;
  commit_barrier<self_pointer> barrier_;
  due_search<self_pointer> search_;
  active_limit limit_;
  /// Entities that are not in memory and wait until a time that is near.
  timer_queue expected_;
  shard_map shards_;
  /// Since when the role has no owner; at first there is no placement yet.
  std::optional<caf::actor_clock::time_point> ownerless_since_ = self_->clock().now();
  /// Entities that were handed over and have not ended yet.
  std::unordered_map<caf::actor_id, actor_type> retiring_;
  std::vector<caf::typed_response_promise<void>> waiting_for_hand_over_;
  bool ticking_ = false;
};

} // namespace waybill
