#include "domain/base/errors.hpp"
#include "tests/gateway/support/scripted.hpp"

#include <caf/actor_system.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <utility>

namespace waybill::test::scripted {

namespace {

template <class Change>
caf::result<product_view> change_entry(world& w, const product_id& id, std::uint64_t expected, Change act) {
  std::lock_guard guard{w.mutex};
  const auto found = w.products.find(id.value);
  if (found == w.products.end())
    return refused(ec::not_found);
  if (expected != 0 && expected != found->second.version)
    return refused(ec::version_mismatch);
  if (!act(found->second))
    return refused(ec::invalid_argument);
  return found->second;
}

caf::result<product_view> create(world& w, const create_product& x) {
  std::lock_guard guard{w.mutex};
  for (const auto& [id, product] : w.products)
    if (product.sku == x.create.sku)
      return refused(ec::duplicate);
  const auto& [id, sku, name, price, on_hand] = x.create;
  return w.products[id.value] = {id, sku, name, price, on_hand, 0, false, now(), now(), 1};
}

bool adjust(product_view& product, std::int64_t delta) {
  if (product.on_hand + delta < product.reserved)
    return false;
  product.on_hand += delta;
  ++product.version;
  return true;
}

caf::result<stock_adjusted_once> adjust_once(world& w, const adjust_stock_once& x) {
  std::lock_guard guard{w.mutex};
  const auto entry = w.products.find(x.id.value);
  if (entry == w.products.end())
    return refused(ec::not_found);
  if (x.reason == "in progress")
    return refused(ec::idempotency_in_progress);
  if (const auto done = w.adjustments.find(x.adjustment.value); done != w.adjustments.end()) {
    if (done->second.first != x.delta)
      return refused(ec::idempotency_key_reused);
    return stock_adjusted_once{done->second.second, true};
  }
  if (x.expected_version != 0 && x.expected_version != entry->second.version)
    return refused(ec::version_mismatch);
  if (!adjust(entry->second, x.delta))
    return refused(ec::invalid_argument);
  w.adjustments[x.adjustment.value] = {x.delta, entry->second};
  return stock_adjusted_once{entry->second, false};
}

product_actor::behavior_type products(world_ptr w) {
  return {[](resume_entity&) {},
          [](wake_up&) {},
          [](retire_entity&) {},
          [](describe_entity&) { return entity_description{}; },
          [w](create_product& x) { return create(*w, x); },
          [w](get_product& x) { return change_entry(*w, x.id, 0, [](auto&) { return true; }); },
          [w](change_product& x) {
            return change_entry(*w, x.id, x.expected_version, [&](product_view& product) {
              product.name = x.change.name.value_or(product.name);
              if (x.change.price)
                w->changed_prices.push_back(*x.change.price);
              ++product.version;
              return true;
            });
          },
          [w](withdraw_product& x) {
            return change_entry(*w, x.id, x.expected_version,
                                [](product_view& product) { return product.withdrawn = true; });
          },
          [w](adjust_stock& x) {
            return change_entry(*w, x.id, x.expected_version,
                                [&](product_view& product) { return adjust(product, x.delta); });
          },
          [w](adjust_stock_once& x) { return adjust_once(*w, x); },
          [](reserve_stock&) { return stock_answer{}; },
          [](commit_stock&) { return stock_answer{}; },
          [](release_stock&) { return stock_answer{}; }};
}

} // namespace

product_actor spawn_products(caf::actor_system& sys, world_ptr w) {
  return sys.spawn(products, std::move(w));
}

} // namespace waybill::test::scripted
