#include "actors/order/order_cache.hpp"

namespace waybill {

void order_cache::publish(const order::state& order, std::shared_ptr<const entity_link> publisher) {
  auto copy = std::make_shared<const order::state>(order);
  auto& part = partition_of(order.id.value);
  const std::lock_guard guard{part.mutex};
  // Checked under the lock: a later entity of the same order publishes after this.
  if (publisher->current)
    part.entries.insert_or_assign(order.id.value, entry{std::move(copy), std::move(publisher)});
}

void order_cache::invalidate(const std::string& id, const entity_link& publisher) {
  auto& part = partition_of(id);
  const std::lock_guard guard{part.mutex};
  if (const auto published = part.entries.find(id);
      published != part.entries.end() && published->second.publisher.get() == &publisher)
    part.entries.erase(published);
}

std::shared_ptr<const order::state> order_cache::find(const get_order& query) const {
  std::shared_ptr<const order::state> order;
  {
    const auto& part = partition_of(query.id.value);
    const std::lock_guard guard{part.mutex};
    const auto published = part.entries.find(query.id.value);
    if (published == part.entries.end() || !published->second.publisher->current)
      return nullptr;
    order = published->second.order;
  }
  const bool may_serve = !lease_ || lease_->holds();
  return may_serve && query.on_behalf.may_see(order->customer) ? order : nullptr;
}

} // namespace waybill
