#pragma once

#include "actors/entity/entity.hpp"
#include "actors/stock/product_region.hpp"

#include <map>
#include <optional>
#include <vector>

namespace waybill {

/// Describes products to entity<> and region<>.
struct product_kind {
  using state = product::state;
  using event = product::event;
  using command = product::command;
  using actor = product_actor;
  using create_message = create_product;
  using create_command = product::create;
  static constexpr entity_kind kind = entity_kind::product;
  static constexpr const char* region_name = "waybill.product_region";
};

/// Owns one product. Its mailbox is the lock: reservations need no row locks, and all commands that wait while a commit
/// is under way are decided and committed together.
class product_entity : public entity<product_kind> {
public:
  static inline const char* name = "waybill.product";

  product_entity(product_actor::pointer self, entity_start start, product_settings settings);

  product_actor::behavior_type make_behavior();

protected:
  result<std::vector<product::event>> decide(const product::command& command) override;
  void describe(append& request, const std::vector<product::event>& events) override;
  bool unfinished() const override { return state().reserved > 0; }
  std::optional<timestamp> due() const override;
  void pursue() override;
  void on_timer() override;
  void restore(const stored_entity& stored) override;
  bool engaged() const override { return look_ups_ > 0; }

private:
  caf::result<product_view> on_get();
  caf::result<product_view> change(product::command command, std::uint64_t expected_version, provenance origin);
  caf::result<stock_answer> on_commit(const commit_stock& command);
  void carry_out_commit(const commit_stock& command, caf::typed_response_promise<stock_answer> promise);
  caf::result<stock_answer> move(product::command command, const order_id& order, provenance origin);
  product_view view() const;
  void forget_closed();
  std::optional<failure> recall(const order_id& order);

  product_settings settings_;
  /// Closed reservations whose rows the next append removes.
  std::vector<order_id> forgotten_;
  /// What the database says about reservations that were not in memory and whose commit is under way.
  std::map<order_id, std::optional<product::reservation>> looked_up_;
  std::size_t look_ups_ = 0;
  timestamp next_sweep_;
};

} // namespace waybill
