#pragma once

#include "actors/entity/entity.hpp"
#include "actors/stock/product_region.hpp"

#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
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
  static constexpr bool goes_on_when_placed = true;
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
  bool waits_for_commit(const append& request) const override;
  std::optional<timestamp> due() const override;
  void pursue() override;
  void on_timer() override;
  void restore(const stored_entity& stored) override;
  void forget() override;
  bool engaged() const override { return look_ups_ > 0; }

private:
  caf::result<product_view> on_get();
  caf::result<product_view> change(product::command command, std::uint64_t expected_version, provenance origin);
  caf::result<stock_answer> move(product::command command, const order_id& order, provenance origin,
                                 placed_in builds_on);
  product_view view() const;

  // product_reservations.cpp
  caf::result<stock_answer> on_commit(const commit_stock& command);
  void carry_out_commit(const commit_stock& command, reply<stock_answer> answer);
  std::optional<failure> recall(const order_id& order);
  void forget_closed();
  void look_for_overdue();
  void ask_for_orders();
  void end_or_prolong(const std::vector<order_id>& asked, const ended_orders& ended);

  // stock_adjustments.cpp
  caf::result<stock_adjusted_once> on_adjust_once(const adjust_stock_once& command);
  void answer_again(const adjust_stock_once& command, const stock_adjustment_row& known,
                    reply<stock_adjusted_once> answer);
  void carry_out_adjustment(const adjust_stock_once& command, reply<stock_adjusted_once> answer);
  void end_adjustment(const adjustment_id& adjustment);
  void describe_adjustment(append& request, const product::stock_adjusted& event);

  product_settings settings_;
  /// Closed reservations whose rows the next append removes.
  std::vector<order_id> forgotten_;
  /// What the database says about reservations that were not in memory and whose commit is under way.
  std::map<order_id, std::optional<product::reservation>> looked_up_;
  std::size_t look_ups_ = 0;
  timestamp next_sweep_;
  /// Live reservations whose time is over and whose orders are still to be asked for.
  std::vector<order_id> overdue_;
  /// Orders are being asked for.
  bool asking_ = false;
  /// No live reservation is overdue before; none: unknown.
  std::optional<timestamp> none_overdue_before_;
  /// Adjustments under way.
  std::unordered_map<adjustment_id, adjust_stock_once> adjusting_;
  /// Those of them that the database does not know.
  std::unordered_set<adjustment_id> new_adjustments_;
  /// The answers of those of them that were decided.
  std::unordered_map<adjustment_id, product_view> adjusted_;
};

} // namespace waybill
