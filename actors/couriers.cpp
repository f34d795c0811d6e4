#include "actors/couriers.hpp"

#include "actors/entity.hpp"

#include <caf/send.hpp>

#include <deque>
#include <memory>
#include <random>
#include <unordered_map>
#include <unordered_set>

namespace waybill {

namespace {

std::string_view trim(std::string_view text) {
  const auto first = text.find_first_not_of(' ');
  const auto last = text.find_last_not_of(' ');
  return first == std::string_view::npos ? std::string_view{} : text.substr(first, last - first + 1);
}

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
  static inline const char* name = "waybill.courier";

  courier_state(courier_actor::pointer self, courier_id id, courier_settings settings, delivery_actor deliveries,
                courier_pool_actor pool)
    : self_(self), id_(std::move(id)), settings_(settings), deliveries_(std::move(deliveries)), pool_(std::move(pool)) {
  }

  courier_actor::behavior_type make_behavior() {
    return {[this](offer_delivery& offer) { consider(offer); }};
  }

private:
  struct job_type {
    offer_delivery offer;
    courier_conduct conduct = courier_conduct::complete;
  };
  /// Shared by the actions to come. After a restart a courier may be reminded of one job while being on another: each
  /// goes its own way.
  using job = std::shared_ptr<const job_type>;

  void consider(offer_delivery& offer) {
    const auto told = conduct_from_address(offer.address, offer.attempt);
    const auto next = std::make_shared<const job_type>(job_type{std::move(offer), told ? *told : choose()});
    switch (next->offer.status) {
      case delivery::status::assigned: after(settings_.start_delay, [this, next] { set_off(next); }); break;
      case delivery::status::started: after(settings_.travel_delay, [this, next] { arrive(next); }); break;
      default: after(settings_.answer_delay, [this, next] { answer(next); }); break;
    }
  }

  courier_conduct choose() {
    const auto dice = std::uniform_real_distribution<double>{0.0, 1.0}(random_);
    if (dice < settings_.decline_odds)
      return courier_conduct::decline;
    if (dice < settings_.decline_odds + settings_.abort_odds)
      return courier_conduct::abort;
    if (dice < settings_.decline_odds + settings_.abort_odds + settings_.vanish_odds)
      return courier_conduct::vanish;
    return courier_conduct::complete;
  }

  void answer(const job& what) {
    if (what->conduct == courier_conduct::hold)
      after(settings_.silence, [this] { be_free(); });
    else if (what->conduct == courier_conduct::decline)
      say(what, courier_word::declined, "no time", [this] { be_free(); });
    else
      say(what, courier_word::accepted, {},
          [this, what] { after(settings_.start_delay, [this, what] { set_off(what); }); });
  }

  void set_off(const job& what) {
    if (what->conduct == courier_conduct::vanish)
      after(settings_.silence, [this] { be_free(); });
    else
      say(what, courier_word::started, {},
          [this, what] { after(settings_.travel_delay, [this, what] { arrive(what); }); });
  }

  void arrive(const job& what) {
    if (what->conduct == courier_conduct::abort)
      say(what, courier_word::aborted, "the bicycle broke down", [this] { be_free(); });
    else
      say(what, courier_word::completed, {}, [this] { be_free(); });
  }

  /// Tells the delivery until it is heard, then goes on; a job that is no longer ours is dropped.
  template <class Next>
  void say(const job& what, courier_word word, const std::string& reason, Next next, std::uint32_t attempt = 1) {
    constexpr milliseconds patience{2'000};
    constexpr std::uint32_t most_attempts = 20;
    const retry_settings retry;
    self_->request(deliveries_, patience, courier_says{what->offer.delivery, id_, what->offer.attempt, word, reason})
      .then([next](const delivery::state&) { next(); },
            [=, this](const caf::error& error) {
              const auto code = to_failure(error).code;
              const bool try_again = code == ec::unavailable || code == ec::timed_out || code == ec::overloaded;
              if (try_again && attempt < most_attempts)
                after(backoff(retry, attempt), [=, this] { say(what, word, reason, next, attempt + 1); });
              else
                be_free();
            });
  }

  void be_free() { self_->send(pool_, courier_free{id_}); }

  template <class Action>
  void after(milliseconds delay, Action action) {
    if (delay.count() == 0)
      action();
    else
      self_->run_delayed(delay, std::move(action));
  }

  courier_actor::pointer self_;
  courier_id id_;
  courier_settings settings_;
  delivery_actor deliveries_;
  courier_pool_actor pool_;
  std::minstd_rand random_{std::random_device{}()};
};

class courier_pool_state {
public:
  static inline const char* name = "waybill.courier_pool";

  courier_pool_state(courier_pool_actor::pointer self, courier_settings settings) : self_(self), settings_(settings) {
    self_->set_exit_handler([this](caf::exit_msg& message) { end(message.reason); });
  }

  courier_pool_actor::behavior_type make_behavior() {
    return {
      [this](const neighbours& near) { open(caf::actor_cast<delivery_actor>(near.deliveries)); },
      [this](const find_courier& wish) { return find(wish); },
      [this](offer_delivery& offer) { return pass_on(offer); },
      [this](const courier_free& message) { release(message.courier); },
    };
  }

private:
  struct waiting_delivery {
    find_courier what;
    caf::typed_response_promise<courier_found> promise;
  };

  /// The same couriers on every node and after every restart.
  void open(const delivery_actor& deliveries) {
    for (std::uint32_t i = 1; i <= settings_.pool_size; ++i) {
      const auto id = derive_id<courier_id>("simulated courier " + std::to_string(i));
      couriers_.emplace(id,
                        self_->spawn<courier_actor::stateful_impl<courier_state>>(id, settings_, deliveries, self_));
      idle_.push_back(id);
    }
    match();
  }

  caf::result<courier_found> find(const find_courier& what) {
    auto promise = self_->make_response_promise<courier_found>();
    if (waiting_.size() >= settings_.max_waiting) {
      promise.deliver(to_error({ec::overloaded, "too many deliveries wait for a courier"}));
      return promise;
    }
    if (idle_.empty())
      take_back_reserved();
    waiting_.push_back({what, promise});
    match();
    return promise;
  }

  void match() {
    while (!waiting_.empty() && !idle_.empty()) {
      auto next = std::move(waiting_.front());
      waiting_.pop_front();
      const auto& tried = next.what.tried;
      auto chosen = std::find_if(idle_.begin(), idle_.end(), [&](const courier_id& id) {
        return std::find(tried.begin(), tried.end(), id) == tried.end();
      });
      if (chosen == idle_.end())
        chosen = idle_.begin();
      const auto id = *chosen;
      idle_.erase(chosen);
      reserved_.emplace(id, self_->clock().now());
      next.promise.deliver(courier_found{id});
    }
    watch_reserved();
  }

  /// A delivery that was cancelled in the meantime never makes its offer: others who wait get the courier.
  void watch_reserved() {
    if (watching_ || waiting_.empty() || reserved_.empty())
      return;
    watching_ = true;
    self_->run_delayed(reserved_for, [this] {
      watching_ = false;
      take_back_reserved();
      match();
    });
  }

  /// Couriers who were found for a delivery that then never made its offer.
  void take_back_reserved() {
    const auto limit = self_->clock().now() - reserved_for;
    std::erase_if(reserved_, [&](const auto& entry) {
      const bool forgotten = entry.second <= limit;
      if (forgotten)
        idle_.push_back(entry.first);
      return forgotten;
    });
  }

  caf::result<void> pass_on(offer_delivery& offer) {
    auto courier = couriers_.find(offer.courier);
    if (courier == couriers_.end())
      return to_error({ec::not_found, "there is no courier " + offer.courier.value});
    reserved_.erase(offer.courier);
    std::erase(idle_, offer.courier);
    self_->send(courier->second, std::move(offer));
    return caf::unit;
  }

  void release(const courier_id& courier) {
    if (std::find(idle_.begin(), idle_.end(), courier) == idle_.end())
      idle_.push_back(courier);
    match();
  }

  void end(const caf::error& reason) {
    for (auto& [id, courier] : couriers_)
      self_->send_exit(courier, reason);
    couriers_.clear();
    self_->quit(reason);
  }

  courier_pool_actor::pointer self_;
  courier_settings settings_;
  std::unordered_map<courier_id, courier_actor> couriers_;
  std::deque<courier_id> idle_;
  std::unordered_map<courier_id, caf::actor_clock::time_point> reserved_;
  std::deque<waiting_delivery> waiting_;
  bool watching_ = false;

  /// How long a courier who was found for a delivery is kept for its offer.
  static constexpr milliseconds reserved_for{5'000};
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

courier_pool_actor spawn_courier_pool(caf::actor_system& sys, const courier_settings& settings) {
  return sys.spawn<courier_pool_actor::stateful_impl<courier_pool_state>>(settings);
}

} // namespace waybill
