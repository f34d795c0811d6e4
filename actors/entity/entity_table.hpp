#pragma once

#include "actors/entity/entity_start.hpp"
#include "actors/entity/memory/region_metrics.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace waybill {

/// The active entities of one region, and how many messages wait for them.
template <class Actor>
class entity_table {
public:
  struct entry {
    Actor actor;
    /// Messages that the region has sent it.
    std::uint64_t sent = 0;
    std::shared_ptr<entity_link> link;
    region_metrics::second second{};
    /// The key of the table.
    const std::string* id = nullptr;
  };
  using iterator = typename std::unordered_map<std::string, entry>::iterator;

  entity_table(std::shared_ptr<region_shared> shared, caf::actor_system& sys, std::string type_name)
    : shared_(std::move(shared)), metrics_(sys, std::move(type_name)) {}

  [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }
  [[nodiscard]] bool contains(const std::string& id) const { return entries_.contains(id); }
  [[nodiscard]] iterator find(const std::string& id) { return entries_.find(id); }
  [[nodiscard]] iterator begin() { return entries_.begin(); }
  [[nodiscard]] iterator end() { return entries_.end(); }

  [[nodiscard]] iterator find(caf::actor_id actor) {
    const auto id = ids_.find(actor);
    return id == ids_.end() ? entries_.end() : entries_.find(id->second);
  }

  iterator add(const std::string& id, Actor actor, std::shared_ptr<entity_link> link) {
    ids_.emplace(actor.id(), id);
    const auto added = entries_.emplace(id, entry{std::move(actor), 0, std::move(link)}).first;
    added->second.id = &added->first;
    return added;
  }

  /// To be called for each message to an entity of the table.
  void count_sent(entry& target) {
    ++target.sent;
    ++sent_;
    metrics_.count_message(target.second, *target.id, *shared_->services.troubles);
  }

  /// Messages that wait for the entities. An entity may handle another message after its entry was removed: then more
  /// were handled than sent.
  [[nodiscard]] std::uint64_t backlog() const {
    const auto handled = shared_->handled.load(std::memory_order_relaxed);
    return sent_ > handled ? sent_ - handled : 0;
  }

  /// Removes an entity that has ended: messages that it did not handle do not wait any more.
  void remove(iterator position) {
    const auto& removed = position->second;
    sent_ -= removed.sent - removed.link->handled.load(std::memory_order_relaxed);
    take_out(position);
  }

  /// Removes an entity that still handles all that was sent to it, and `retire_entity` as the last message.
  iterator retire(iterator position) {
    ++sent_;
    metrics_.begin_hand_over();
    return take_out(position);
  }

  /// All that were retired have ended.
  void note_all_retired() { metrics_.end_hand_over(); }

  void clear() {
    entries_.clear();
    ids_.clear();
  }

  [[nodiscard]] actor_list list(const list_actors& query, std::string_view type) const {
    actor_list list;
    list.total = entries_.size();
    for (const auto& [id, active] : entries_) {
      const auto handled = active.link->handled.load(std::memory_order_relaxed);
      const auto waiting = active.sent > handled ? active.sent - handled : 0;
      list.actors.push_back({std::string{type}, id, shared_->services.node, waiting, handled});
    }
    const auto shown = std::min<std::size_t>(query.limit, list.actors.size());
    std::partial_sort(list.actors.begin(), list.actors.begin() + static_cast<std::ptrdiff_t>(shown), list.actors.end(),
                      [&](const actor_entry& x, const actor_entry& y) {
                        return query.by_mailbox && x.mailbox != y.mailbox ? x.mailbox > y.mailbox : x.id < y.id;
                      });
    list.actors.resize(shown);
    return list;
  }

private:
  iterator take_out(iterator position) {
    position->second.link->current = false;
    ids_.erase(position->second.actor.id());
    return entries_.erase(position);
  }

  std::shared_ptr<region_shared> shared_;
  region_metrics metrics_;
  std::unordered_map<std::string, entry> entries_;
  std::unordered_map<caf::actor_id, std::string> ids_;
  std::uint64_t sent_ = 0;
};

} // namespace waybill
