#include "actors/delivery/courier_dispatcher.hpp"

#include "actors/delivery/delivery_line.hpp"
#include "actors/delivery/waiting_deliveries.hpp"
#include "actors/entity/entity_support.hpp"
#include "domain/base/errors.hpp"
#include "domain/base/log.hpp"

#include <caf/actor_system.hpp>
#include <caf/telemetry/gauge.hpp>
#include <caf/telemetry/metric_registry.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace waybill {

namespace {

class courier_dispatcher_state {
public:
  static inline const char* name = "waybill.courier_dispatcher";

  courier_dispatcher_state(courier_pool_actor::pointer self, entity_services services, dispatch_settings settings,
                           courier_pool_actor others)
    : self_(self), services_(std::move(services)), settings_(settings), others_(std::move(others)),
      waiting_(settings.max_waiting), line_(self, [this] { look(); }),
      unserved_(self->system().metrics().gauge_singleton<double>(
        "waybill.delivery", "unserved", "How long no courier has had time since a delivery of this node asked for one.",
        "seconds")) {}

  courier_pool_actor::behavior_type make_behavior() {
    return {
      [this](const region_handles& regions) { open(regions); },
      [this](find_courier& wish) { return find(std::move(wish)); },
      [this](offer_delivery& offer) { return pass_on(std::move(offer)); },
      [this](const courier_free&) {
        found_none_at_.reset();
        look();
      },
    };
  }

private:
  using clock_time = caf::actor_clock::time_point;

  void open(const region_handles& regions) {
    // Deliveries stand in line only at the last pool that is asked.
    if (others_)
      self_->send(others_, regions);
    else
      line_.open(regions);
    look();
  }

  /// Real couriers hear of offers by the event that the delivery has recorded; from there on it counts as offered.
  caf::result<void> pass_on(offer_delivery offer) {
    if (others_ && !offer.to_person)
      return self_->delegate(others_, std::move(offer));
    reserved_.erase(offer.delivery);
    return caf::unit;
  }

  caf::result<courier_found> find(find_courier wish) {
    if (others_ && (wish.directs_simulated || nobody_has_time() || waiting_.size() >= waiting_.most()))
      return self_->delegate(others_, std::move(wish));
    asked_at_ = self_->clock().now();
    auto promise = self_->make_response_promise<courier_found>();
    if (!waiting_.add({std::move(wish), promise, self_->clock().now() + settings_.patience}))
      line_.note_turned_away();
    line_.note_asked();
    look();
    return promise;
  }

  /// One query at a time; a delivery that comes meanwhile leads to another one right after.
  void look() {
    if (!anybody_waits()) {
      tell_unserved(false);
      return;
    }
    if (looking_) {
      look_again_ = true;
      return;
    }
    looking_ = true;
    look_again_ = false;
    self_->request(services_.reader, bounded_elsewhere, find_free_couriers{})
      .then([this](free_couriers& available) { on_found(std::move(available)); },
            [this](const caf::error& reason) {
              if (!std::exchange(failing_, true))
                log_warning("cannot look for couriers: {}", to_failure(reason).detail);
              on_found({});
            });
  }

  void on_found(free_couriers available) {
    looking_ = false;
    failing_ = failing_ && available.couriers.empty();
    // After a start it is not known whether anybody waits.
    tell_unserved(!others_ && available.couriers.empty() && asked_at_.has_value());
    match(available);
    if (others_)
      leave_to_others(available);
    else
      time_out_waiting();
    if (look_again_)
      look();
    else
      look_later();
  }

  void look_later() {
    if (!anybody_waits() || std::exchange(scheduled_, true))
      return;
    // Who stands in line has waited for long.
    constexpr int less_often = 4;
    self_->run_delayed(waiting_.empty() ? less_often * settings_.look_interval : settings_.look_interval, [this] {
      scheduled_ = false;
      look();
    });
  }

  /// The oldest first.
  void match(free_couriers& available) {
    const auto time = self_->clock().now();
    std::erase_if(reserved_, [&](const auto& entry) { return entry.second.until <= time; });
    for (auto& courier : available.couriers)
      for (const auto& [delivery, place] : reserved_)
        if (place.courier == courier.courier && courier.places > 0)
          --courier.places;
    if (line_.is_settling())
      return;
    for (auto next = waiting_.begin(); next != waiting_.end();) {
      auto* chosen = choose(available, next->second.request);
      if (chosen == nullptr) {
        ++next;
        continue;
      }
      --chosen->places;
      reserved_.insert_or_assign(next->second.request.delivery,
                                 reservation{chosen->courier, time + settings_.reserve_for});
      next = waiting_.take_out(next, courier_found{courier_id{chosen->courier}, static_cast<bool>(others_)});
      // Of several that wait each goes to another courier.
      std::rotate(chosen, chosen + 1, available.couriers.data() + available.couriers.size());
    }
    let_in(available);
  }

  /// Some more than there are places: not everybody can be offered to everybody.
  void let_in(const free_couriers& available) {
    constexpr std::size_t spare = 100;
    std::size_t places = 0;
    for (const auto& courier : available.couriers)
      places += courier.places;
    const auto wanted = std::min(places + spare, waiting_.most());
    if (places > 0 && waiting_.size() < wanted)
      line_.let_in(static_cast<std::uint32_t>(wanted - waiting_.size()));
  }

  void leave_to_others(const free_couriers& available) {
    if (std::ranges::none_of(available.couriers, [](const free_courier& courier) { return courier.places > 0; }))
      found_none_at_ = self_->clock().now();
    while (!waiting_.empty()) {
      auto left = waiting_.take_oldest();
      left.promise.delegate(others_, std::move(left.request));
    }
  }

  bool nobody_has_time() const {
    return found_none_at_ && self_->clock().now() - *found_none_at_ < settings_.look_interval;
  }

  /// A courier who was not asked yet; after a pause also one who was, the one asked first before the others.
  free_courier* choose(free_couriers& available, const find_courier& request) const {
    const auto is_tried = [&](const free_courier& courier) {
      return std::find(request.tried.begin(), request.tried.end(), courier_id{courier.courier}) != request.tried.end();
    };
    for (auto& courier : available.couriers)
      if (courier.places > 0 && !is_tried(courier))
        return &courier;
    if (others_ || services_.clock() < request.ask_again_at)
      return nullptr;
    for (const auto& tried : request.tried)
      for (auto& courier : available.couriers)
        if (courier.places > 0 && courier.courier == tried.value)
          return &courier;
    return nullptr;
  }

  /// They stand in line from now on: nobody has time, and they need not be in memory.
  void time_out_waiting() {
    const auto time = self_->clock().now();
    for (auto next = waiting_.begin(); next != waiting_.end();) {
      if (next->second.until > time) {
        ++next;
        continue;
      }
      line_.note_turned_away();
      next = waiting_.take_out(next, failure{ec::timed_out, "no courier has time now"});
    }
  }

  void tell_unserved(bool unserved) {
    const auto time = self_->clock().now();
    if (!unserved) {
      if (unserved_since_)
        services_.troubles->forget("couriers");
      unserved_since_.reset();
      unserved_->value(0);
      return;
    }
    if (!unserved_since_)
      unserved_since_ = time;
    const auto s = std::chrono::duration_cast<std::chrono::seconds>(time - *unserved_since_).count();
    unserved_->value(static_cast<double>(s));
    services_.troubles->set("couriers", s == 0 ? "" : "no courier has had time for " + std::to_string(s) + " s");
  }

  bool anybody_waits() const { return !waiting_.empty() || (!others_ && line_.may_have_more()); }

  struct reservation {
    std::string courier;
    clock_time until;
  };

  courier_pool_actor::pointer self_;
  entity_services services_;
  dispatch_settings settings_;
  /// Null: there are only real couriers.
  courier_pool_actor others_;
  waiting_deliveries waiting_;
  delivery_line<courier_pool_actor::pointer> line_;
  std::unordered_map<delivery_id, reservation> reserved_;
  caf::telemetry::dbl_gauge* unserved_;
  std::optional<clock_time> asked_at_;
  /// When the last look found no free place.
  std::optional<clock_time> found_none_at_;
  /// Since when nobody who waits could get a courier.
  std::optional<clock_time> unserved_since_;
  bool looking_ = false;
  bool look_again_ = false;
  bool scheduled_ = false;
  /// The last look failed, which was logged.
  bool failing_ = false;
};

} // namespace

courier_pool_actor spawn_courier_dispatcher(caf::actor_system& sys, const entity_services& services,
                                            const dispatch_settings& settings, courier_pool_actor others) {
  return sys.spawn<courier_pool_actor::stateful_impl<courier_dispatcher_state>>(services, settings, std::move(others));
}

} // namespace waybill
