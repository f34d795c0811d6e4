#include "actors/accounts/password_hasher.hpp"

#include "actors/entity/entity_support.hpp"
#include "domain/base/errors.hpp"

#include <caf/actor_system.hpp>
#include <caf/send.hpp>
#include <caf/telemetry/gauge.hpp>
#include <caf/telemetry/histogram.hpp>
#include <caf/telemetry/metric_registry.hpp>
#include <caf/telemetry/timer.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <sodium.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <memory>
#include <vector>

namespace waybill {

namespace {

using waiting_count = std::shared_ptr<std::atomic<std::size_t>>;

/// Hashes one password after the other, on a thread of its own: it blocks for long.
class hash_worker {
public:
  static inline const char* name = "waybill.password_worker";

  hash_worker(password_hasher_actor::pointer self, hashing_settings settings, waiting_count waiting,
              caf::telemetry::int_gauge* queue, caf::telemetry::dbl_histogram* seconds)
    : self_{self}, settings_{settings}, waiting_{std::move(waiting)}, queue_{queue}, seconds_{seconds} {}

  password_hasher_actor::behavior_type make_behavior() {
    return {
      [this](hash_password& request) -> caf::result<password_hash> {
        const auto made = counted([&] { return hash(request.password.value); });
        sodium_memzero(request.password.value.data(), request.password.value.size());
        if (made.empty())
          return to_error({ec::overloaded, "there is not enough memory to hash a password"});
        return password_hash{{made}};
      },
      [this](verify_password& request) -> caf::result<bool> {
        const auto right = counted([&] { return verify(request); });
        sodium_memzero(request.password.value.data(), request.password.value.size());
        return right;
      },
    };
  }

private:
  template <class Function>
  std::invoke_result_t<Function&> counted(Function work) {
    caf::telemetry::timer timer{seconds_};
    auto outcome = work();
    waiting_->fetch_sub(1, std::memory_order_relaxed);
    queue_->dec();
    return outcome;
  }

  /// Empty when there is no memory.
  std::string hash(const std::string& password) const {
    std::array<char, crypto_pwhash_STRBYTES> text{};
    if (crypto_pwhash_str(text.data(), password.data(), password.size(), settings_.passes, settings_.memory) != 0)
      return {};
    return text.data();
  }

  bool verify(const verify_password& request) {
    // Made before the first answer of any kind, so that the first unknown user does not take longer than the others.
    if (nobody_.empty())
      nobody_ = hash("the password of nobody");
    const bool known = !request.hash.value.empty();
    const auto& against = known ? request.hash.value : nobody_;
    const bool right =
      crypto_pwhash_str_verify(against.c_str(), request.password.value.data(), request.password.value.size()) == 0;
    return right && known;
  }

  password_hasher_actor::pointer self_;
  hashing_settings settings_;
  waiting_count waiting_;
  caf::telemetry::int_gauge* queue_;
  caf::telemetry::dbl_histogram* seconds_;
  /// What the password of an unknown user is checked against.
  std::string nobody_;
};

/// Distributes the work to the threads and refuses requests when too many wait.
class hash_router {
public:
  static inline const char* name = "waybill.password_hasher";

  struct worker {
    password_hasher_actor handle;
    waiting_count waiting;
  };

  hash_router(password_hasher_actor::pointer self, std::vector<worker> workers, std::size_t max_waiting,
              caf::telemetry::int_gauge* queue)
    : self_{self}, workers_{std::move(workers)}, max_waiting_{max_waiting}, queue_{queue} {}

  hash_router(const hash_router&) = delete;
  hash_router& operator=(const hash_router&) = delete;

  /// However the router ends, the workers end with it.
  ~hash_router() {
    for (const auto& member : workers_)
      caf::anon_send_exit(member.handle, caf::exit_reason::user_shutdown);
  }

  password_hasher_actor::behavior_type make_behavior() {
    return {
      [this](hash_password& request) { return delegate<password_hash>(request); },
      [this](verify_password& request) { return delegate<bool>(request); },
    };
  }

private:
  template <class Answer, class Question>
  caf::result<Answer> delegate(Question& question) {
    const auto idlest = std::min_element(workers_.begin(), workers_.end(), [](const worker& a, const worker& b) {
      return a.waiting->load(std::memory_order_relaxed) < b.waiting->load(std::memory_order_relaxed);
    });
    if (idlest->waiting->load(std::memory_order_relaxed) >= std::max<std::size_t>(max_waiting_ / workers_.size(), 1))
      return to_error({ec::overloaded, "too many passwords wait to be hashed"});
    idlest->waiting->fetch_add(1, std::memory_order_relaxed);
    queue_->inc();
    return self_->delegate(idlest->handle, std::move(question));
  }

  password_hasher_actor::pointer self_;
  std::vector<worker> workers_;
  std::size_t max_waiting_;
  caf::telemetry::int_gauge* queue_;
};

} // namespace

password_hasher_actor spawn_password_hasher(caf::actor_system& sys, const hashing_settings& settings,
                                            const supervise_actor& supervise) {
  if (sodium_init() < 0)
    throw std::runtime_error("libsodium cannot be used");
  auto* queue = sys.metrics().gauge_singleton("waybill", "password-hashes-waiting",
                                              "Passwords that are being hashed or wait for it.");
  constexpr std::array bounds{0.01, 0.03, 0.1, 0.3, 1.0, 3.0};
  auto* seconds = sys.metrics().histogram_singleton<double>("waybill", "password-hash-time", bounds,
                                                            "How long a hash of a password takes.", "seconds");
  std::vector<hash_router::worker> workers;
  for (std::size_t i = 0; i < std::max<std::size_t>(settings.workers, 1); ++i) {
    auto waiting = std::make_shared<std::atomic<std::size_t>>(0);
    auto handle =
      sys.spawn<password_hasher_actor::stateful_impl<hash_worker>, caf::detached>(settings, waiting, queue, seconds);
    workers.push_back({supervised(supervise, std::move(handle)), std::move(waiting)});
  }
  return sys.spawn<password_hasher_actor::stateful_impl<hash_router>>(std::move(workers), settings.max_waiting, queue);
}

} // namespace waybill
