#pragma once

#include "actors/entity/entity_start.hpp"
#include "actors/entity/services.hpp"
#include "messages/order/orders.hpp"

#include <array>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

namespace waybill {

/// A read cache of orders for readers in the same process: they see what the entity would answer, without a message to
/// it (docs/adr/0016). Entities publish what they are asked for and invalidate it before it changes. Holds nothing of
/// entities that have ended. Thread-safe; never blocks for longer than a look into a map.
class order_cache {
public:
  /// `lease` is the node's; null: it needs none.
  explicit order_cache(std::shared_ptr<const serving_lease> lease) : lease_(std::move(lease)) {}

  /// Readers find `order`, which must be durable, for as long as `publisher` is current and has not invalidated it.
  void publish(const order::state& order, std::shared_ptr<const entity_link> publisher);

  /// To be called before anybody else can learn of a change of the order. Does nothing when another entity has
  /// published it.
  void invalidate(const std::string& id, const entity_link& publisher);

  /// Null when the order is not published, or when the viewer may not see it: then the entity must be asked, which
  /// answers with the reason.
  [[nodiscard]] std::shared_ptr<const order::state> find(const get_order& query) const;

private:
  struct entry {
    std::shared_ptr<const order::state> order;
    std::shared_ptr<const entity_link> publisher;
  };

  /// Readers and entities of different orders do not wait for each other.
  struct partition {
    mutable std::mutex mutex;
    std::unordered_map<std::string, entry> entries;
  };

  static constexpr std::size_t part_count = 16;

  partition& partition_of(const std::string& id) const { return parts_[std::hash<std::string>{}(id) % part_count]; }

  std::shared_ptr<const serving_lease> lease_;
  mutable std::array<partition, part_count> parts_;
};

} // namespace waybill
