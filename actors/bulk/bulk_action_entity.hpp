#pragma once

#include "actors/bulk/bulk_action_region.hpp"
#include "actors/entity/entity.hpp"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace waybill {

/// Describes bulk actions to entity<> and region<>.
struct bulk_action_kind {
  using state = bulk::state;
  using event = bulk::event;
  using command = bulk::command;
  using actor = bulk_action_actor;
  using create_message = start_bulk_action;
  using create_command = bulk::start;
  static constexpr entity_kind kind = entity_kind::bulk_action;
  static constexpr const char* region_name = "waybill.bulk_action_region";
};

/// Owns one bulk action and carries it out in rounds of a few orders: reads them, records the version on which each
/// action is decided, sends the commands for just these versions, records what became of them. After a crash the orders
/// of the last round get their commands again: one that had its effect has moved the order's version, and the order's
/// events tell whose command it was.
class bulk_action_entity : public entity<bulk_action_kind> {
public:
  static inline const char* name = "waybill.bulk_action";

  bulk_action_entity(bulk_action_actor::pointer self, entity_start start, bulk_action_settings settings);

  bulk_action_actor::behavior_type make_behavior();

protected:
  result<std::vector<bulk::event>> decide(const bulk::command& command) override;
  void describe(append&, const std::vector<bulk::event>&) override {}
  bool unfinished() const override { return bulk::is_under_way(state()); }
  bool finished() const override { return exists() && !unfinished(); }
  /// The state holds all orders: what is between the start and the end follows from the events.
  bool must_store(const append& request) const override;
  std::optional<timestamp> due() const override { return unfinished() ? next_round_at_ : std::nullopt; }
  void pursue() override;
  void on_timer() override;
  void forget() override;
  std::string waits_for() const override;

private:
  /// The orders that are worked on now, and what is known of them.
  struct round {
    std::size_t missing = 0;
    std::vector<bulk::order_result> results;
    std::vector<bulk::decided_order> begun;
    /// Some must be tried again later.
    bool again = false;
  };
  using round_ptr = std::shared_ptr<round>;

  void start_round();
  /// Calls `work` for each, which ends with `count_down`.
  template <class Work>
  void for_all(const std::vector<bulk::item>& items, Work work);
  /// One order of the round is through; a round that is not the present one any more is over.
  void count_down(const round_ptr& at);
  void finish_round(const round_ptr& at);
  void pause();

  // -- one order
  void look_at(const round_ptr& at, const bulk::item& item);
  void judge(const round_ptr& at, const order::state& order);
  void judge_delivery(const round_ptr& at, const order_id& order);
  void command(const round_ptr& at, const bulk::item& item);
  template <class Command>
  void send(const round_ptr& at, const bulk::item& item, Command command);
  void on_refused(const round_ptr& at, const bulk::item& item, const failure& reason);
  /// The order has another version: was it this command that moved it?
  void look_back(const round_ptr& at, const bulk::item& item, const failure& reason);
  void decide_again(const round_ptr& at, const bulk::item& item, const failure& reason);
  void note(const round_ptr& at, const order_id& order, const failure* refused);
  bool is_given_up(const order_id& order);

  /// By this an order's event is known as this bulk action's.
  std::string cause_of(const order_id& order) const { return id() + "/" + order.value; }
  provenance origin_for(const order_id& order) const;

  bulk_action_settings settings_;
  /// Null: no round is under way.
  round_ptr round_;
  std::optional<timestamp> next_round_at_;
  std::uint32_t pauses_ = 0;
  /// Attempts that came to nothing, by order.
  std::map<order_id, std::uint32_t> attempts_;
};

} // namespace waybill
