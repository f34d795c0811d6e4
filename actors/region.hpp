#pragma once

#include "actors/entity.hpp"
#include "messages/placement.hpp"

#include <caf/actor_cast.hpp>
#include <caf/send.hpp>

#include <algorithm>
#include <array>
#include <bitset>
#include <unordered_map>

namespace waybill {

/// The id of the entity that a command is for.
inline const std::string& key_of(const resume_entity& x) {
  return x.id;
}
inline const std::string& key_of(const describe_entity& x) {
  return x.id;
}
template <class Command>
const std::string& key_of(const Command& x) {
  if constexpr (requires { x.id.value; })
    return x.id.value;
  else if constexpr (requires { x.product.value; })
    return x.product.value;
  else
    return x.order.value;
}

/// Holds the entities of one kind whose shards this node owns and hands every command to the one it is for; commands
/// for shards of other nodes go to the regions there. Entities are activated by their first message, or by taking over
/// a shard in which they have something unfinished, and leave when they are idle.
///
/// Traits names the kind: `actor`, `region_actor`, `kind`, `type_name`, and `creates(command)`.
template <class Traits>
class region {
public:
  using actor_type = typename Traits::actor;
  using self_pointer = typename Traits::region_actor::pointer;
  using factory = std::function<actor_type(entity_start)>;

  region(self_pointer self, entity_services services, region_settings settings, factory make)
    : self_(self), settings_(settings), make_(std::move(make)), shared_(std::make_shared<region_shared>()) {
    shared_->services = std::move(services);
    auto me = caf::actor_cast<caf::weak_actor_ptr>(self);
    auto tell_me = [me](auto message) {
      if (auto alive = me.lock())
        caf::anon_send(caf::actor_cast<typename Traits::region_actor>(alive), std::move(message));
    };
    shared_->start_ticking = [tell_me] { tell_me(wake_up{}); };
    shared_->on_idle = [tell_me](entity_idle message) { tell_me(std::move(message)); };
    self_->set_exit_handler([this](caf::exit_msg& message) { end(message.reason); });
    self_->set_down_handler([this](caf::down_msg& message) { on_entity_down(message); });
  }

  /// Hands `command` to its entity, here or on the node that owns it. Fails with ec::unavailable when no node of the
  /// role can be reached, ec::overloaded when too many commands wait here.
  template <class Command>
  auto route(Command& command) {
    using result_type = decltype(self_->delegate(std::declval<const actor_type&>(), std::move(command)));
    using answer = typename delegated_answer<result_type>::type;
    const auto& key = key_of(command);
    const auto* peer = peer_of(key);
    if (peer == nullptr)
      return answer{to_error({ec::unavailable, std::string{"no node holds "} + Traits::type_name + " entities now"})};
    if (peer->node != placement_.self) {
      // One hop only: while two nodes see different placements, commands must not run in circles.
      if (const auto& sender = self_->current_sender(); sender && sender->node() != self_->node())
        return answer{to_error({ec::unavailable, key + " has just moved to another node"})};
      return answer{self_->delegate(caf::actor_cast<actor_type>(peer->region), std::move(command))};
    }
    if (backlog() >= settings_.max_waiting)
      return answer{
        to_error({ec::overloaded, std::string{"too many commands wait for "} + Traits::type_name + " entities"})};
    if (Traits::creates(command) && entries_.size() >= settings_.max_active && !entries_.contains(key))
      return answer{to_error({ec::overloaded, std::string{"too many "} + Traits::type_name + " entities are active"})};
    auto& entry = activate(key, Traits::creates(command));
    return answer{deliver(entry, std::move(command))};
  }

  void connect(const neighbours& near) { shared_->near = near; }

  void place(const placement& next) {
    if (next.epoch < placement_.epoch)
      return;
    std::vector<std::string> names;
    for (const auto& peer : next.peers)
      names.push_back(peer.node);
    std::vector<std::uint16_t> gained;
    std::bitset<shard_count> owned;
    for (std::uint16_t shard = 0; shard < shard_count; ++shard) {
      owners_[shard] = names.empty() ? no_owner : owner_of(shard, names);
      owned[shard] = !names.empty() && names[owners_[shard]] == next.self;
      if (owned[shard] && !owned_[shard])
        gained.push_back(shard);
    }
    owned_ = owned;
    placement_ = next;
    hand_over();
    if (gained.empty())
      return;
    // The former owner may hear of it later, and may make something durable until then: look again.
    for (const auto delay : {milliseconds{5'000}, milliseconds{30'000}})
      self_->run_delayed(delay, [this, gained] { resume_unfinished(gained, {}); });
    resume_unfinished(std::move(gained), {});
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

  void let_go(const entity_idle& message) {
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
      const auto handled = entry.handled->load(std::memory_order_relaxed);
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

private:
  static constexpr std::size_t no_owner = static_cast<std::size_t>(-1);

  template <class Delegated>
  struct delegated_answer;

  template <class... Results>
  struct delegated_answer<caf::delegated<Results...>> {
    using type = caf::result<Results...>;
  };

  struct entry_type {
    actor_type actor;
    std::uint64_t sent = 0;
    std::shared_ptr<std::atomic<std::uint64_t>> handled;
  };

  const region_peer* peer_of(const std::string& id) const {
    const auto owner = owners_[shard_of(id)];
    return placement_.peers.empty() || owner == no_owner ? nullptr : &placement_.peers[owner];
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
      entry.handled = std::make_shared<std::atomic<std::uint64_t>>(0);
      entry.actor = make_({id, assume_new, shared_, entry.handled});
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
    // What it never handled does not wait any more.
    sent_ -= entry->second.sent - entry->second.handled->load(std::memory_order_relaxed);
    ids_.erase(entry->second.actor.id());
    entries_.erase(entry);
  }

  /// Entities whose shards went to another node end here; the other node loads what they had made durable.
  void hand_over() {
    for (auto entry = entries_.begin(); entry != entries_.end();) {
      auto next = std::next(entry);
      if (!owned_[shard_of(entry->first)]) {
        self_->send_exit(entry->second.actor, caf::exit_reason::user_shutdown);
        forget(entry);
      }
      entry = next;
    }
  }

  /// An entity that ended by itself has met a defect: the next message, or the next start, loads it afresh.
  void on_entity_down(const caf::down_msg& message) {
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
      if (owned_[shard_of(id)])
        send_resume(id);
    });
  }

  void resume_unfinished(std::vector<std::uint16_t> shards, std::string after) {
    constexpr std::uint32_t page = 1000;
    list_unfinished query{Traits::kind, shards.size() == shard_count ? std::vector<std::uint16_t>{} : shards, after,
                          page};
    self_->request(shared_->services.reader, caf::infinite, std::move(query))
      .then([this, shards](const unfinished_page& found) { resume(shards, found, page); },
            [this, shards, after](const caf::error& reason) {
              spdlog::warn("cannot look for unfinished {} entities, trying again: {}", Traits::type_name,
                           to_failure(reason).detail);
              constexpr milliseconds pause{500};
              self_->run_delayed(pause, [this, shards, after] { resume_unfinished(shards, after); });
            });
  }

  void resume(const std::vector<std::uint16_t>& shards, const unfinished_page& found, std::uint32_t page) {
    for (const auto& item : found.entities) {
      if (!owned_[shard_of(item.id)] || entries_.contains(item.id))
        continue;
      send_resume(item.id);
    }
    if (!found.entities.empty())
      spdlog::info("{} unfinished {} entities go on", found.entities.size(), Traits::type_name);
    if (found.entities.size() == page)
      resume_unfinished(shards, found.entities.back().id);
  }

  void end(const caf::error& reason) {
    for (auto& [id, entry] : entries_)
      self_->send_exit(entry.actor, reason);
    entries_.clear();
    placement_ = {};
    make_ = nullptr;
    self_->quit(reason);
  }

  self_pointer self_;
  region_settings settings_;
  factory make_;
  std::shared_ptr<region_shared> shared_;
  placement placement_;
  std::array<std::size_t, shard_count> owners_ = make_owners();
  std::bitset<shard_count> owned_;
  std::unordered_map<std::string, entry_type> entries_;
  std::unordered_map<caf::actor_id, std::string> ids_;
  std::uint64_t sent_ = 0;
  bool ticking_ = false;

  static std::array<std::size_t, shard_count> make_owners() {
    std::array<std::size_t, shard_count> owners{};
    owners.fill(no_owner);
    return owners;
  }
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
      [this](describe_entity& command) { return held.route(command); },
      [this](Commands& command) { return held.route(command); }...,
      [this](const neighbours& near) { held.connect(near); },
      [this](const placement& next) { held.place(next); },
      [this](const entity_idle& message) { held.let_go(message); },
      [this](const list_actors& query) { return held.list(query); },
    };
  }

  region<Traits> held;
};

} // namespace waybill
