#pragma once

#include "actors/delivery/courier_region.hpp"
#include "actors/entity/entity.hpp"

namespace waybill {

/// Describes couriers to entity<> and region<>.
struct courier_kind {
  using state = courier::state;
  using event = courier::event;
  using command = courier::command;
  using actor = courier_actor;
  using create_message = add_courier;
  using create_command = courier::add;
  static constexpr entity_kind kind = entity_kind::courier;
  static constexpr const char* region_name = "waybill.courier_region";
};

/// Owns one courier and decides how many deliveries they have at once; a delivery decides who has it. A delivery tells
/// its end, but the courier does not rely on that: from time to time it asks each delivery whether it is still theirs.
class courier_entity : public entity<courier_kind> {
public:
  static inline const char* name = "waybill.courier";

  courier_entity(courier_actor::pointer self, entity_start start, courier_entity_settings settings,
                 courier_pool_actor pool);

  courier_actor::behavior_type make_behavior();

protected:
  result<std::vector<courier::event>> decide(const courier::command& command) override;
  void describe(append& request, const std::vector<courier::event>& events) override;
  bool unfinished() const override { return !state().assignments.empty(); }
  bool only_waits() const override { return unfinished() && check_at_ && checking_ == 0; }
  std::optional<timestamp> due() const override;
  void pursue() override;
  void on_timer() override;
  void forget() override;
  std::string waits_for() const override;

private:
  caf::result<courier::state> on_get(const get_courier& query);
  caf::result<courier::state> on_change(const change_courier& command);
  caf::result<void> answer_done(courier::command command, const provenance& origin);
  /// Calls `done` if the courier exists and `on_behalf` may see it; fails with ec::not_found otherwise.
  template <class Promise, class Function>
  void if_visible(const courier_viewer& on_behalf, Promise promise, Function done);
  void check_all();
  void check(const courier::assignment& held);
  void release(const courier::assignment& held);
  bool has_time() const;

  courier_entity_settings settings_;
  courier_pool_actor pool_;
  /// When the assignments are checked again; none: not yet since the courier was loaded.
  std::optional<timestamp> check_at_;
  /// Answers that are not there yet.
  std::size_t checking_ = 0;
  bool had_time_ = false;
};

} // namespace waybill
