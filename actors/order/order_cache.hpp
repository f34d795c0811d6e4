#pragma once

#include "actors/entity/entity_link.hpp"
#include "actors/entity/regions.hpp"
#include "messages/order/orders.hpp"

#include <array>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

namespace waybill {

/// Orders that were asked for and have not changed since, for readers in the same process: they see what the entity
/// would answer and wake nobody (docs/adr/0016). Holds nothing of entities that have ended. Thread-safe; never blocks
/// for longer than a look into a map.
class order_cache {
public:
  /// `lease` is the node's; null: it needs none.
  explicit order_cache(std::shared_ptr<const serving_lease> lease) : lease_(std::move(lease)) {}

  /// Shows `what`, which must be durable, for as long as `by` is current and has not taken it down.
  void put_up(const order::state& what, std::shared_ptr<const entity_link> by);

  /// To be called before anybody else can learn of a change of the order. What another entity has put up stays.
  void take_down(const std::string& id, const entity_link& by);

  /// Null when nothing is up, or not for the eyes of the one who asks: then the entity is to be asked, who has the
  /// reason.
  [[nodiscard]] std::shared_ptr<const order::state> find(const get_order& query) const;

private:
  struct note {
    std::shared_ptr<const order::state> order;
    std::shared_ptr<const entity_link> by;
  };

  /// Readers and entities of different orders shall not wait for each other.
  struct part {
    mutable std::mutex mutex;
    std::unordered_map<std::string, note> notes;
  };

  static constexpr std::size_t part_count = 16;

  part& part_of(const std::string& id) const { return parts_[std::hash<std::string>{}(id) % part_count]; }

  std::shared_ptr<const serving_lease> lease_;
  mutable std::array<part, part_count> parts_;
};

} // namespace waybill
