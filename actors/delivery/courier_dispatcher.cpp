#include "actors/delivery/courier_dispatcher.hpp"

#include "actors/entity/entity_support.hpp"
#include "domain/base/errors.hpp"
#include "domain/base/log.hpp"

#include <caf/actor_system.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <algorithm>
#include <deque>
#include <unordered_map>
#include <utility>
#include <vector>

namespace waybill {

namespace {

class courier_dispatcher_state {
public:
  static inline const char* name = "waybill.courier_dispatcher";

  courier_dispatcher_state(courier_pool_actor::pointer self, entity_services services, dispatch_settings settings)
    : self_(self), services_(std::move(services)), settings_(settings) {}

  courier_pool_actor::behavior_type make_behavior() {
    return {
      [](const region_handles&) {},
      [this](find_courier& wish) { return find(std::move(wish)); },
      // Real couriers hear of offers by the event that the delivery has recorded; from there on it counts as offered.
      [this](const offer_delivery& offer) { reserved_.erase(offer.delivery); },
      [this](const courier_free&) { look(); },
    };
  }

private:
  using clock_time = caf::actor_clock::time_point;

  struct waiting_delivery {
    find_courier request;
    caf::typed_response_promise<courier_found> promise;
    clock_time until;
  };

  caf::result<courier_found> find(find_courier wish) {
    auto promise = self_->make_response_promise<courier_found>();
    if (waiting_.size() >= settings_.max_waiting) {
      promise.deliver(to_error({ec::overloaded, "too many deliveries wait for a courier"}));
      return promise;
    }
    waiting_.push_back({std::move(wish), promise, self_->clock().now() + settings_.patience});
    look();
    return promise;
  }

  /// One query at a time; a delivery that comes meanwhile leads to another one right after.
  void look() {
    if (waiting_.empty())
      return;
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
                log_warning("couriers cannot be looked for: {}", to_failure(reason).detail);
              on_found({});
            });
  }

  void on_found(free_couriers available) {
    looking_ = false;
    failing_ = failing_ && available.couriers.empty();
    match(available);
    time_out_waiting();
    if (look_again_)
      look();
    else
      look_later();
  }

  void look_later() {
    if (waiting_.empty() || std::exchange(scheduled_, true))
      return;
    self_->run_delayed(settings_.look_interval, [this] {
      scheduled_ = false;
      look();
    });
  }

  /// First come, first served.
  void match(free_couriers& available) {
    const auto time = self_->clock().now();
    std::erase_if(reserved_, [&](const auto& entry) { return entry.second.until <= time; });
    for (auto& courier : available.couriers)
      for (const auto& [delivery, place] : reserved_)
        if (place.courier == courier.courier && courier.places > 0)
          --courier.places;
    std::deque<waiting_delivery> left;
    for (auto& next : waiting_) {
      auto* chosen = choose(available, next.request);
      if (chosen == nullptr) {
        left.push_back(std::move(next));
        continue;
      }
      --chosen->places;
      reserved_.insert_or_assign(next.request.delivery, reservation{chosen->courier, time + settings_.reserve_for});
      next.promise.deliver(courier_found{courier_id{chosen->courier}});
    }
    waiting_ = std::move(left);
  }

  /// A courier who was not asked yet; after a pause also one who was, the one asked first before the others.
  free_courier* choose(free_couriers& available, const find_courier& request) const {
    const auto is_tried = [&](const free_courier& courier) {
      return std::find(request.tried.begin(), request.tried.end(), courier_id{courier.courier}) != request.tried.end();
    };
    for (auto& courier : available.couriers)
      if (courier.places > 0 && !is_tried(courier))
        return &courier;
    if (services_.clock() < request.ask_again_at)
      return nullptr;
    for (const auto& tried : request.tried)
      for (auto& courier : available.couriers)
        if (courier.places > 0 && courier.courier == tried.value)
          return &courier;
    return nullptr;
  }

  void time_out_waiting() {
    const auto time = self_->clock().now();
    while (!waiting_.empty() && waiting_.front().until <= time) {
      waiting_.front().promise.deliver(to_error({ec::timed_out, "no courier has time now"}));
      waiting_.pop_front();
    }
  }

  struct reservation {
    std::string courier;
    clock_time until;
  };

  courier_pool_actor::pointer self_;
  entity_services services_;
  dispatch_settings settings_;
  /// Oldest first.
  std::deque<waiting_delivery> waiting_;
  std::unordered_map<delivery_id, reservation> reserved_;
  bool looking_ = false;
  bool look_again_ = false;
  bool scheduled_ = false;
  /// The last look failed, which was logged.
  bool failing_ = false;
};

} // namespace

courier_pool_actor spawn_courier_dispatcher(caf::actor_system& sys, const entity_services& services,
                                            const dispatch_settings& settings) {
  return sys.spawn<courier_pool_actor::stateful_impl<courier_dispatcher_state>>(services, settings);
}

} // namespace waybill
