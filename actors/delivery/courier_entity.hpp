#pragma once

#include "actors/entity/entity.hpp"

namespace waybill {

struct courier_domain {
  using state = courier::state;
  using event = courier::event;
  using command = courier::command;
  using actor = courier_actor;
  static constexpr entity_kind kind = entity_kind::courier;
  static void apply(state& current, const event& what, timestamp at) { courier::apply(current, what, at); }
  static bool is_creating(const command& cmd) { return std::holds_alternative<courier::add>(cmd); }
};

/// Owns one courier. Who has a delivery is the delivery's business; how many a courier has is decided here. A delivery
/// that is over says so, but is not relied upon: now and then the courier asks whether each one is still theirs.
class courier_entity : public entity<courier_domain> {
public:
  static inline const char* name = "waybill.courier";

  courier_entity(courier_actor::pointer self, entity_start start, courier_entity_settings settings,
                 courier_pool_actor pool);

  courier_actor::behavior_type make_behavior();

protected:
  result<std::vector<courier::event>> decide(const courier::command& command) override;
  void describe(append& request, const std::vector<courier::event>& events) override;
  bool unfinished() const override { return !state().assignments.empty(); }
  std::optional<timestamp> due() const override;
  void pursue() override;
  void on_timer() override;
  void forget() override;
  std::string waits_for() const override;

private:
  caf::result<courier::state> on_get(const get_courier& query);
  caf::result<courier::state> on_change(const change_courier& command);
  caf::result<void> answer_done(courier::command command, const provenance& origin);
  /// Calls `done` once it is certain that the courier is there and `on_behalf` may know.
  template <class Promise, class Function>
  void if_visible(const courier_viewer& on_behalf, Promise promise, Function done);
  void check(const courier::assignment& held);
  void release(const courier::assignment& held);
  bool has_time() const;

  courier_entity_settings settings_;
  courier_pool_actor pool_;
  /// When the assignments are looked at again; nothing: they were not since the courier was loaded.
  std::optional<timestamp> check_at_;
  bool had_time_ = false;
};

} // namespace waybill
