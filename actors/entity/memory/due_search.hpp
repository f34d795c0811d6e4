#pragma once

#include "actors/entity/entity_support.hpp"
#include "actors/entity/services.hpp"
#include "domain/base/errors.hpp"
#include "domain/base/log.hpp"

#include <caf/typed_response_promise.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace waybill {

/// Searches the database for entities of a region's shards that have something to do, so that they go on even if no
/// message comes for them: when the region takes over shards, and from time to time. Entities that wait cost nothing
/// until shortly before their time: each search finds those that are due until the next one. See docs/adr/0021.
template <class SelfPointer>
class due_search {
public:
  struct hooks {
    /// The shards that the region owns now.
    std::function<std::vector<std::uint16_t>()> owned_shards;
    /// Makes an entity go on; false when it is not the region's, or is active.
    std::function<bool(const std::string& id)> resume;
    /// Makes it go on at that time.
    std::function<void(timestamp due, const std::string& id)> resume_at;
    /// How many entities are in memory.
    std::function<std::size_t()> active;
    /// How many wait for their time in memory.
    std::function<std::size_t()> expected;
  };

  due_search(SelfPointer self, entity_services services, entity_kind kind, milliseconds interval, hooks callbacks)
    : self_(self), services_(std::move(services)), kind_(kind), interval_(interval), hooks_(std::move(callbacks)) {}

  /// With more entities than that in memory, others that are due come in slowly.
  static constexpr std::size_t crowded = 25'000;

  /// The region owns `shards` from now on.
  void shards_gained(const std::vector<std::uint16_t>& shards) {
    // A former owner that died may have committed something that becomes visible only after the first search.
    constexpr milliseconds once_more{5'000};
    self_->run_delayed(once_more, [this, shards] { search(shards, true); });
    search(shards, true);
    search_later();
  }

  /// The last search found every entity that is due until this time. The region itself must remember an entity that
  /// begins to wait for an earlier time.
  [[nodiscard]] timestamp horizon() const { return horizon_; }

  /// Resumes up to `most` entities that stand in line and are not in memory; answers with how many. Fails with
  /// ec::unavailable when the region owns nothing yet.
  void wake_in_line(std::uint32_t most, caf::typed_response_promise<std::uint32_t> promise) {
    auto shards = hooks_.owned_shards();
    if (shards.empty()) {
      promise.deliver(to_error({ec::unavailable, "this node does not own any shard yet"}));
      return;
    }
    list_due query{kind_, asked_for(std::move(shards)), timestamp::max(), {}, page_size, true};
    look_in_line(std::move(query), most, 0, std::move(promise));
  }

private:
  static constexpr std::uint32_t page_size = 1000;

  /// A search under way.
  struct progress {
    list_due query;
    /// Entities that a former owner left in the middle of a step are waited for.
    bool in_hurry = false;
    std::size_t resumed = 0;
  };

  static std::vector<std::uint16_t> asked_for(std::vector<std::uint16_t> shards) {
    return shards.size() == shard_count ? std::vector<std::uint16_t>{} : std::move(shards);
  }

  void search(std::vector<std::uint16_t> shards, bool in_hurry) {
    // Longer than the time between two searches: the next one comes early enough.
    constexpr milliseconds margin{10'000};
    const auto until = services_.clock() + interval_ + margin;
    horizon_ = std::max(horizon_, until);
    read_page({{kind_, asked_for(std::move(shards)), until, {}, page_size, false}, in_hurry});
  }

  void read_page(progress state) {
    auto query = state.query;
    self_->request(services_.reader, bounded_elsewhere, std::move(query))
      .then(
        [this, state](const due_page& page) mutable {
          failing_ = false;
          take(std::move(state), page);
        },
        [this](const caf::error& reason) { on_failure(to_failure(reason)); });
  }

  void take(progress state, const due_page& page) {
    const auto now = services_.clock();
    for (const auto& entity : page.entities) {
      if (entity.due > now)
        hooks_.resume_at(entity.due, entity.id);
      else if (hooks_.resume(entity.id))
        ++state.resumed;
    }
    if (page.next && hooks_.expected() < most_expected) {
      state.query.after = page.next;
      read_on(std::move(state));
    } else if (state.in_hurry && state.resumed > 0) {
      log_info("{} {} entities continue on this node", state.resumed, name_of(kind_));
    }
  }

  /// Point reads of others come in between.
  void read_on(progress state) {
    constexpr milliseconds short_pause{20};
    constexpr milliseconds long_pause{1'000};
    const bool is_crowded = hooks_.active() > crowded;
    if (state.in_hurry && !is_crowded)
      read_page(std::move(state));
    else
      self_->run_delayed(is_crowded ? long_pause : short_pause,
                         [this, state = std::move(state)]() mutable { read_page(std::move(state)); });
  }

  /// One more search, over all shards, makes up for any number of failed ones.
  void on_failure(const failure& reason) {
    if (!std::exchange(failing_, true))
      log_warning("cannot look for {} entities that are due, trying again: {}", name_of(kind_), reason.detail);
    if (std::exchange(retrying_, true))
      return;
    constexpr milliseconds pause{500};
    self_->run_delayed(pause, [this] {
      retrying_ = false;
      if (auto shards = hooks_.owned_shards(); !shards.empty())
        search(std::move(shards), true);
    });
  }

  /// Finds what falls due, and what nobody has in memory although it is in the middle of a step: a process that was
  /// stopped for longer than its lease may commit an order when it continues, just before it learns that the lease is
  /// gone (G7).
  void search_later() {
    if (std::exchange(scheduled_, true))
      return;
    self_->run_delayed(interval_, [this] {
      scheduled_ = false;
      auto shards = hooks_.owned_shards();
      if (shards.empty())
        return;
      search(std::move(shards), false);
      search_later();
    });
  }

  void look_in_line(list_due query, std::uint32_t most, std::uint32_t woken,
                    caf::typed_response_promise<std::uint32_t> promise) {
    auto next = query;
    self_->request(services_.reader, bounded_elsewhere, std::move(query))
      .then(
        [this, query = std::move(next), most, woken, promise](const due_page& page) mutable {
          for (const auto& entity : page.entities)
            if (woken < most && hooks_.resume(entity.id))
              ++woken;
          query.after = page.next;
          if (page.next && woken < most)
            look_in_line(std::move(query), most, woken, std::move(promise));
          else
            promise.deliver(woken);
        },
        [promise](caf::error& reason) mutable { promise.deliver(std::move(reason)); });
  }

  /// Times beyond these are read later.
  static constexpr std::size_t most_expected = 100'000;

  SelfPointer self_;
  entity_services services_;
  entity_kind kind_;
  milliseconds interval_;
  hooks hooks_;
  timestamp horizon_;
  /// The last search failed, which was logged.
  bool failing_ = false;
  bool retrying_ = false;
  bool scheduled_ = false;
};

} // namespace waybill
