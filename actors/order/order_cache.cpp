#include "actors/order/order_cache.hpp"

namespace waybill {

void order_cache::put_up(const order::state& what, std::shared_ptr<const entity_link> by) {
  auto shown = std::make_shared<const order::state>(what);
  auto& where = part_of(what.id.value);
  const std::lock_guard guard{where.mutex};
  // Asked under the lock: whoever is the entity next puts up what it has after this.
  if (by->current)
    where.notes.insert_or_assign(what.id.value, note{std::move(shown), std::move(by)});
}

void order_cache::take_down(const std::string& id, const entity_link& by) {
  auto& where = part_of(id);
  const std::lock_guard guard{where.mutex};
  if (const auto found = where.notes.find(id); found != where.notes.end() && found->second.by.get() == &by)
    where.notes.erase(found);
}

std::shared_ptr<const order::state> order_cache::find(const get_order& query) const {
  std::shared_ptr<const order::state> order;
  {
    const auto& where = part_of(query.id.value);
    const std::lock_guard guard{where.mutex};
    const auto found = where.notes.find(query.id.value);
    if (found == where.notes.end() || !found->second.by->current)
      return nullptr;
    order = found->second.order;
  }
  const bool may_serve = !lease_ || lease_->holds();
  return may_serve && query.on_behalf.may_see(order->customer) ? order : nullptr;
}

} // namespace waybill
