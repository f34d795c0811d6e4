#pragma once

#include "messages/order/order_progress.hpp"

#include <cstdint>
#include <iterator>
#include <mutex>
#include <set>
#include <string>
#include <utility>

namespace waybill {

/// The entities of a region whose work is being repeated because an attempt came to nothing. Thread-safe; entities tell
/// it only when that changes.
class retrying_entities {
public:
  void add(timestamp created_at, const std::string& id) {
    const std::lock_guard guard{mutex_};
    entities_.emplace(created_at, id);
  }

  void remove(timestamp created_at, const std::string& id) {
    const std::lock_guard guard{mutex_};
    entities_.erase({created_at, id});
  }

  [[nodiscard]] retrying_list list(const list_retrying& query) const {
    const std::lock_guard guard{mutex_};
    if (query.oldest_first)
      return take(query.after_time ? entities_.upper_bound({*query.after_time, query.after_id}) : entities_.begin(),
                  entities_.end(), query.limit);
    const auto behind = query.after_time ? entities_.lower_bound({*query.after_time, query.after_id}) : entities_.end();
    return take(std::make_reverse_iterator(behind), entities_.rend(), query.limit);
  }

private:
  template <class Iterator>
  static retrying_list take(Iterator from, Iterator end, std::uint32_t limit) {
    retrying_list page;
    for (; from != end && page.entities.size() < limit; ++from)
      page.entities.push_back({from->first, from->second});
    page.more = from != end;
    return page;
  }

  mutable std::mutex mutex_;
  std::set<std::pair<timestamp, std::string>> entities_;
};

} // namespace waybill
