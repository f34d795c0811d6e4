#include "actors/delivery/simulated_couriers.hpp"

#include "actors/delivery/delivery_line.hpp"
#include "actors/delivery/waiting_deliveries.hpp"
#include "actors/entity/entity_support.hpp"
#include "actors/support/backoff.hpp"
#include "actors/support/random_delay.hpp"
#include "domain/base/errors.hpp"
#include "domain/text/trim.hpp"

#include <caf/actor_cast.hpp>
#include <caf/actor_system.hpp>
#include <caf/send.hpp>
#include <caf/telemetry/gauge.hpp>
#include <caf/telemetry/metric_registry.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <algorithm>
#include <deque>
#include <memory>
#include <random>
#include <unordered_map>
#include <utility>
#include <vector>

namespace waybill {

namespace {

courier_conduct conduct_of(std::string_view word) {
  if (word == "decline")
    return courier_conduct::decline;
  if (word == "abort")
    return courier_conduct::abort;
  if (word == "vanish")
    return courier_conduct::vanish;
  if (word == "hold")
    return courier_conduct::hold;
  return courier_conduct::complete;
}

/// One simulated courier.
class courier_state {
public:
  static inline const char* name = "waybill.simulated_courier";

  courier_state(simulated_courier_actor::pointer self, courier_id id, courier_settings settings,
                delivery_actor deliveries, courier_pool_actor pool)
    : self_(self), id_(std::move(id)), settings_(settings), deliveries_(std::move(deliveries)), pool_(std::move(pool)) {
  }

  simulated_courier_actor::behavior_type make_behavior() {
    return {[this](offer_delivery& offer) { consider(offer); }};
  }

private:
  struct job_type {
    offer_delivery offer;
    courier_conduct conduct = courier_conduct::complete;
  };
  /// Shared by the delayed actions. After a restart a courier may be reminded of one job while it works on another: the
  /// two do not touch each other.
  using job = std::shared_ptr<const job_type>;

  void consider(offer_delivery& offer) {
    const auto told = conduct_from_address(offer.address, offer.attempt);
    const auto next = std::make_shared<const job_type>(job_type{std::move(offer), told ? *told : choose()});
    switch (next->offer.status) {
      case delivery::status::assigned: after(step_time(), [this, next] { set_off(next); }); break;
      case delivery::status::started: after(step_time(), [this, next] { arrive(next); }); break;
      default: after(step_time(), [this, next] { answer(next); }); break;
    }
  }

  courier_conduct choose() {
    constexpr std::uint32_t all = 100;
    const auto dice = std::uniform_int_distribution<std::uint32_t>{0, all - 1}(random_);
    if (dice < settings_.decline_percent)
      return courier_conduct::decline;
    if (dice < settings_.decline_percent + settings_.abort_percent)
      return courier_conduct::abort;
    if (dice < settings_.decline_percent + settings_.abort_percent + settings_.vanish_percent)
      return courier_conduct::vanish;
    return courier_conduct::complete;
  }

  milliseconds step_time() { return random_delay(settings_.shortest_delay, settings_.longest_delay, random_); }

  void answer(const job& current) {
    if (current->conduct == courier_conduct::hold)
      after(settings_.silence, [this] { be_free(); });
    else if (current->conduct == courier_conduct::decline)
      say(current, courier_word::declined, "no time", [this] { be_free(); });
    else
      say(current, courier_word::accepted, {},
          [this, current] { after(step_time(), [this, current] { set_off(current); }); });
  }

  void set_off(const job& current) {
    if (current->conduct == courier_conduct::vanish)
      after(settings_.silence, [this] { be_free(); });
    else
      say(current, courier_word::started, {},
          [this, current] { after(step_time(), [this, current] { arrive(current); }); });
  }

  void arrive(const job& current) {
    if (current->conduct == courier_conduct::abort)
      say(current, courier_word::aborted, "the bicycle broke down", [this] { be_free(); });
    else
      say(current, courier_word::completed, {}, [this] { be_free(); });
  }

  /// Tells the delivery until it answers, then calls `next`; a job that is no longer this courier's is dropped. There
  /// is no time-out: if the answer is lost, the delivery gives the attempt up, and the pool takes the courier back.
  template <class Next>
  void say(const job& current, courier_word word, const std::string& reason, Next next, std::uint32_t attempt = 1) {
    constexpr std::uint32_t most_attempts = 20;
    const retry_settings retry;
    self_
      ->request(deliveries_, bounded_elsewhere,
                courier_says{current->offer.delivery, id_, current->offer.attempt, word, reason})
      .then([next](const delivery::state&) { next(); },
            [=, this](const caf::error& error) {
              const auto code = to_failure(error).code;
              const bool try_again = code == ec::unavailable || code == ec::timed_out || code == ec::overloaded;
              if (try_again && attempt < most_attempts)
                after(backoff(retry, attempt), [=, this] { say(current, word, reason, next, attempt + 1); });
              else
                be_free();
            });
  }

  void be_free() { self_->send(pool_, courier_free{id_}); }

  template <class Action>
  void after(milliseconds delay, Action action) {
    run_after(self_, delay, std::move(action));
  }

  simulated_courier_actor::pointer self_;
  courier_id id_;
  courier_settings settings_;
  delivery_actor deliveries_;
  courier_pool_actor pool_;
  std::minstd_rand random_{std::random_device{}()};
};

class courier_pool_state {
public:
  static inline const char* name = "waybill.courier_pool";

  courier_pool_state(courier_pool_actor::pointer self, courier_settings settings, supervise_actor supervise)
    : self_(self), settings_(settings), supervise_(std::move(supervise)), waiting_(settings.max_waiting),
      line_(self, [this] { match(); }) {
    self_->set_exit_handler([this](caf::exit_msg& message) { self_->quit(message.reason); });
  }

  courier_pool_state(const courier_pool_state&) = delete;
  courier_pool_state& operator=(const courier_pool_state&) = delete;

  /// However the pool ends, the couriers end with it.
  ~courier_pool_state() {
    for (auto& [id, courier] : couriers_)
      caf::anon_send_exit(courier, caf::exit_reason::user_shutdown);
  }

  courier_pool_actor::behavior_type make_behavior() {
    return {
      [this](const region_handles& regions) { open(regions); },
      [this](const find_courier& wish) { return find(wish); },
      [this](offer_delivery& offer) { return resume_at_owner(offer); },
      [this](const courier_free& message) { release(message.courier); },
    };
  }

private:
  /// How long a courier is reserved for the offer of a delivery.
  static constexpr milliseconds reserved_for{5'000};
  /// How long a courier counts as busy without a report.
  static constexpr milliseconds busy_for{60 * 60'000};

  /// The same couriers on every node and after every restart.
  void open(const region_handles& regions) {
    const auto deliveries = caf::actor_cast<delivery_actor>(regions.deliveries);
    for (std::uint32_t i = 1; i <= settings_.pool_size; ++i) {
      const auto id = derive_id<courier_id>("simulated courier " + std::to_string(i));
      auto courier =
        self_->spawn<simulated_courier_actor::stateful_impl<courier_state>>(id, settings_, deliveries, self_);
      couriers_.emplace(id, supervised(supervise_, std::move(courier)));
      make_idle(id);
    }
    self_->system()
      .metrics()
      .gauge_singleton("waybill.delivery", "simulated-couriers", "Simulated couriers of this node.")
      ->value(settings_.pool_size);
    line_.open(regions);
    match();
  }

  caf::result<courier_found> find(const find_courier& request) {
    auto promise = self_->make_response_promise<courier_found>();
    if (idle_.empty())
      take_back_lost();
    if (!waiting_.add({request, promise, {}}))
      line_.note_turned_away();
    line_.note_asked();
    match();
    return promise;
  }

  void match() {
    while (!waiting_.empty() && !idle_.empty() && !line_.is_settling()) {
      const auto next = waiting_.begin();
      const auto& tried = next->second.request.tried;
      auto chosen = std::find_if(idle_.begin(), idle_.end(), [&](const courier_id& id) {
        return std::find(tried.begin(), tried.end(), id) == tried.end();
      });
      if (chosen == idle_.end())
        chosen = idle_.begin();
      const auto id = *chosen;
      idle_.erase(chosen);
      busy_.insert_or_assign(id, self_->clock().now() + reserved_for);
      waiting_.take_out(next, courier_found{id});
    }
    watch_reserved();
    let_in();
  }

  /// Before the couriers run out of work, and not more often than deliveries need to come.
  void let_in() {
    if (!line_.may_have_more() || waiting_.size() * 2 > waiting_.most() || std::exchange(letting_in_, true))
      return;
    line_.let_in(static_cast<std::uint32_t>(waiting_.most() - waiting_.size()));
    constexpr milliseconds pause{1'000};
    self_->run_delayed(pause, [this] {
      letting_in_ = false;
      let_in();
    });
  }

  /// A delivery that was cancelled in the meantime never makes its offer: its courier goes to another delivery.
  void watch_reserved() {
    if (watching_ || waiting_.empty() || busy_.empty())
      return;
    watching_ = true;
    self_->run_delayed(reserved_for, [this] {
      watching_ = false;
      take_back_lost();
      match();
    });
  }

  /// Takes back couriers whose delivery never made its offer, or was lost with its node.
  void take_back_lost() {
    const auto time = self_->clock().now();
    std::vector<courier_id> lost;
    for (const auto& [id, until] : busy_)
      if (until <= time)
        lost.push_back(id);
    for (const auto& id : lost)
      make_idle(id);
  }

  void make_idle(const courier_id& id) {
    busy_.erase(id);
    idle_.push_back(id);
  }

  caf::result<void> resume_at_owner(offer_delivery& offer) {
    auto courier = couriers_.find(offer.courier);
    if (courier == couriers_.end())
      return to_error({ec::not_found, "there is no courier " + offer.courier.value});
    // A reminder after a restart finds the courier idle.
    if (auto [entry, idle] = busy_.insert_or_assign(offer.courier, self_->clock().now() + busy_for); idle)
      std::erase(idle_, offer.courier);
    self_->send(courier->second, std::move(offer));
    return caf::unit;
  }

  void release(const courier_id& courier) {
    if (busy_.contains(courier))
      make_idle(courier);
    match();
  }

  courier_pool_actor::pointer self_;
  courier_settings settings_;
  supervise_actor supervise_;
  std::unordered_map<courier_id, simulated_courier_actor> couriers_;
  std::deque<courier_id> idle_;
  /// Couriers that are not idle, and until when they count as busy.
  std::unordered_map<courier_id, caf::actor_clock::time_point> busy_;
  waiting_deliveries waiting_;
  delivery_line<courier_pool_actor::pointer> line_;
  bool watching_ = false;
  bool letting_in_ = false;
};

} // namespace

std::optional<courier_conduct> conduct_from_address(std::string_view address, std::uint32_t attempt) {
  constexpr std::string_view opening = "[couriers:";
  const auto from = address.find(opening);
  const auto to = address.find(']', from == std::string_view::npos ? 0 : from);
  if (from == std::string_view::npos || to == std::string_view::npos)
    return std::nullopt;
  auto words = address.substr(from + opening.size(), to - from - opening.size());
  std::string_view word;
  for (std::uint32_t i = 0; i < attempt; ++i) {
    const auto comma = words.find(',');
    word = trim(words.substr(0, comma));
    if (comma == std::string_view::npos)
      break;
    words.remove_prefix(comma + 1);
  }
  return conduct_of(word);
}

courier_pool_actor spawn_courier_pool(caf::actor_system& sys, const courier_settings& settings,
                                      supervise_actor supervise) {
  return sys.spawn<courier_pool_actor::stateful_impl<courier_pool_state>>(settings, std::move(supervise));
}

} // namespace waybill
