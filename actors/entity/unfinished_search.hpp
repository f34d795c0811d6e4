#pragma once

#include "actors/entity/entity_support.hpp"
#include "actors/entity/services.hpp"
#include "domain/base/log.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace waybill {

/// Searches the database for entities of a region's shards that have something unfinished, so that they go on even if
/// no message comes for them: when the region takes over shards, and from time to time.
template <class SelfPointer>
class unfinished_search {
public:
  struct hooks {
    /// The shards that the region owns now.
    std::function<std::vector<std::uint16_t>()> owned_shards;
    /// Makes an entity go on; false when it is not the region's, or is active.
    std::function<bool(const std::string& id)> resume;
  };

  unfinished_search(SelfPointer self, reader_actor reader, entity_kind kind, milliseconds interval, hooks callbacks)
    : self_(self), reader_(std::move(reader)), kind_(kind), interval_(interval), hooks_(std::move(callbacks)) {}

  /// The region owns `shards` from now on.
  void shards_gained(const std::vector<std::uint16_t>& shards) {
    // A former owner that died may have committed something that becomes visible only after the first search.
    constexpr milliseconds once_more{5'000};
    self_->run_delayed(once_more, [this, shards] { search(shards, {}); });
    search(shards, {});
    search_later();
  }

private:
  static constexpr std::uint32_t page_size = 1000;

  void search(const std::vector<std::uint16_t>& shards, const std::string& after) {
    list_unfinished query{kind_, shards.size() == shard_count ? std::vector<std::uint16_t>{} : shards, after,
                          page_size};
    self_->request(reader_, bounded_elsewhere, std::move(query))
      .then(
        [this, shards](const unfinished_page& page) {
          failing_ = false;
          resume(shards, page);
        },
        [this](const caf::error& reason) { on_failure(to_failure(reason)); });
  }

  void resume(const std::vector<std::uint16_t>& shards, const unfinished_page& page) {
    std::size_t resumed = 0;
    for (const auto& entity : page.entities)
      if (hooks_.resume(entity.id))
        ++resumed;
    if (resumed > 0)
      log_info("{} unfinished {} entities go on", resumed, name_of(kind_));
    if (page.entities.size() == page_size)
      search(shards, page.entities.back().id);
  }

  /// One more search, over all shards, makes up for any number of failed ones.
  void on_failure(const failure& reason) {
    if (!std::exchange(failing_, true))
      log_warning("cannot look for unfinished {} entities, trying again: {}", name_of(kind_), reason.detail);
    if (std::exchange(retrying_, true))
      return;
    constexpr milliseconds pause{500};
    self_->run_delayed(pause, [this] {
      retrying_ = false;
      if (const auto shards = hooks_.owned_shards(); !shards.empty())
        search(shards, {});
    });
  }

  /// A process that was stopped for longer than its lease may commit an order when it continues, just before it learns
  /// that the lease is gone: only a search finds that order (G7).
  void search_later() {
    if (std::exchange(scheduled_, true))
      return;
    self_->run_delayed(interval_, [this] {
      scheduled_ = false;
      const auto shards = hooks_.owned_shards();
      if (shards.empty())
        return;
      search(shards, {});
      search_later();
    });
  }

  SelfPointer self_;
  reader_actor reader_;
  entity_kind kind_;
  milliseconds interval_;
  hooks hooks_;
  /// The last search failed, which was logged.
  bool failing_ = false;
  bool retrying_ = false;
  bool scheduled_ = false;
};

} // namespace waybill
