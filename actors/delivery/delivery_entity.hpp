#pragma once

#include "actors/delivery/delivery_region.hpp"
#include "actors/entity/entity.hpp"

namespace waybill {

/// Describes deliveries to entity<> and region<>.
struct delivery_kind {
  using state = delivery::state;
  using event = delivery::event;
  using command = delivery::command;
  using actor = delivery_actor;
  using create_message = request_delivery;
  using create_command = delivery::request;
  static constexpr entity_kind kind = entity_kind::delivery;
  static constexpr const char* region_name = "waybill.delivery_region";
  static constexpr bool goes_on_when_placed = true;
};

/// Owns one delivery: a durable job that is offered to one courier after the other until one completes it.
class delivery_entity : public entity<delivery_kind> {
public:
  static inline const char* name = "waybill.delivery";

  delivery_entity(delivery_actor::pointer self, entity_start start, delivery_settings settings,
                  courier_pool_actor couriers);

  delivery_actor::behavior_type make_behavior();

protected:
  result<std::vector<delivery::event>> decide(const delivery::command& command) override;
  void describe(append& request, const std::vector<delivery::event>& events) override;
  bool unfinished() const override { return exists() && (!is_final() || must_tell_order()); }
  bool finished() const override { return is_final() && !must_tell_order(); }
  bool only_waits() const override;
  bool in_line() const override { return in_line_ && state().status == delivery::status::requested; }
  bool must_store(const append&) const override { return is_final() || is_listed(); }
  std::optional<timestamp> due() const override;
  void pursue() override;
  void settle() override;
  void on_timer() override;
  void forget() override;
  std::string waits_for() const override;
  bool engaged() const override { return asking_ > 0; }
  /// The mark of work of a delivery that has ended says that its order has not heard of it.
  void restore(const stored_entity& stored) override { order_told_ = is_final() && !stored.unfinished; }
  /// The first append is what the order asked for.
  std::optional<read_stream_events> trace_query() const override {
    return is_final() ? std::nullopt : std::optional{read_stream_events{id(), 0, 1}};
  }
  void restore_trace(const std::vector<stored_event>& past) override {
    if (!past.empty())
      origin_.traceparent = past.front().origin.traceparent;
  }

private:
  caf::result<delivery::state> on_request(const request_delivery& command);
  caf::result<delivery::state> on_word(const courier_says& command);
  caf::result<delivery::state> on_act(const act_on_delivery& command);
  caf::result<delivery::state> on_view(const view_delivery& query);
  using state_reply = reply<delivery::state>;

  void judge(const act_on_delivery& command, state_reply answer);
  void ask_courier(const act_on_delivery& command, std::uint32_t attempt, const state_reply& answer);
  void carry_out(const act_on_delivery& command, std::uint32_t attempt, const state_reply& answer);
  void give_place_back();
  void record(delivery::command command, const std::string& by_kind, const std::string& by_id);
  [[nodiscard]] bool is_over(std::optional<timestamp> deadline, timestamp began, milliseconds limit);
  void look_for_courier();
  timestamp ask_again_at() const;
  void offer_again_later();
  void make_offer();
  void stand_in_line();
  /// The courier at hand is a person.
  bool is_with_person() const {
    return settings_.pool == courier_pool_kind::real || state().to_person.value_or(false);
  }
  /// Who was offered it finds it in the list, also when it is another's.
  bool is_listed() const { return settings_.listed || state().to_person; }
  bool is_final() const { return delivery::is_final(state().status); }
  bool must_tell_order() const { return !order_told_ && delivery::word_is_kept(state()); }
  void tell_order();
  void on_order_told();
  void tell_order_later(const failure& reason);
  provenance origin(const std::string& by_kind, const std::string& by_id) const;

  delivery_settings settings_;
  courier_pool_actor couriers_;
  provenance origin_;

  bool looking_ = false;
  /// The attempt whose courier knows of it.
  std::uint32_t told_attempt_ = 0;
  std::uint32_t failures_ = 0;
  std::optional<timestamp> look_at_;
  /// The pool had no room, or no courier: other deliveries come first.
  bool in_line_ = false;
  /// The deadline that has passed and ended nothing, and when it is looked at again.
  std::optional<timestamp> passed_;
  timestamp judge_at_{};
  bool order_told_ = false;
  bool telling_ = false;
  std::uint32_t untold_ = 0;
  /// When the order is told again.
  std::optional<timestamp> tell_at_;
  /// Requests to couriers under way.
  std::size_t asking_ = 0;
  /// The courier whose entity holds a place for the delivery, or may hold one, and for which attempt.
  courier_id place_of_;
  std::uint32_t place_attempt_ = 0;
};

} // namespace waybill
