#include "actors/accounts/password_hasher.hpp"

#include "actors/entity/entity_support.hpp"
#include "domain/base/errors.hpp"
#include "domain/text/unicode.hpp"

#include <caf/actor_system.hpp>
#include <caf/send.hpp>
#include <caf/telemetry/gauge.hpp>
#include <caf/telemetry/histogram.hpp>
#include <caf/telemetry/metric_registry.hpp>
#include <caf/telemetry/timer.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <sodium.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <deque>
#include <functional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace waybill {

namespace {

void forget(std::string& secret) {
  sodium_memzero(secret.data(), secret.size());
}

/// Hashes one password after the other, on a thread of its own: it blocks for long.
class hash_worker {
public:
  static inline const char* name = "waybill.password_worker";

  hash_worker(password_hasher_actor::pointer self, hashing_settings settings, caf::telemetry::dbl_histogram* seconds)
    : self_{self}, settings_{settings}, seconds_{seconds} {}

  password_hasher_actor::behavior_type make_behavior() {
    return {
      [this](hash_password& request) -> caf::result<password_hash> {
        auto normal = opaque_string(request.password.value);
        forget(request.password.value);
        const auto made = hash(normal);
        forget(normal);
        if (made.empty())
          return to_error({ec::overloaded, "there is not enough memory to hash a password"});
        return password_hash{{made}};
      },
      [this](verify_password& request) {
        auto normal = opaque_string(request.password.value);
        const auto verdict = verify(request, normal);
        forget(normal);
        forget(request.password.value);
        return verdict;
      },
    };
  }

private:
  /// Empty when there is no memory.
  std::string hash(const std::string& password) const {
    caf::telemetry::timer timer{seconds_};
    std::array<char, crypto_pwhash_STRBYTES> text{};
    if (crypto_pwhash_str(text.data(), password.data(), password.size(), settings_.passes, settings_.memory) != 0)
      return {};
    return text.data();
  }

  bool fits(const std::string& hash, const std::string& password) const {
    caf::telemetry::timer timer{seconds_};
    return crypto_pwhash_str_verify(hash.c_str(), password.data(), password.size()) == 0;
  }

  /// Passwords were once hashed as they were typed: those that have another normal form are tried so too. That the
  /// second try takes as long again depends on the password alone, and so tells nothing about the user.
  password_verdict verify(const verify_password& request, const std::string& normal) {
    // Made before the first answer of any kind, so that the first unknown user does not take longer than the others.
    if (nobody_.empty())
      nobody_ = hash("the password of nobody");
    const bool known = !request.hash.value.empty();
    const auto& against = known ? request.hash.value : nobody_;
    const bool right = fits(against, normal);
    const bool right_as_typed = !right && normal != request.password.value && fits(against, request.password.value);
    if (!known || (!right && !right_as_typed))
      return {};
    return {true, right_as_typed || costs_other(against)};
  }

  [[nodiscard]] bool costs_other(const std::string& hash) const {
    return crypto_pwhash_str_needs_rehash(hash.c_str(), settings_.passes, settings_.memory) != 0;
  }

  password_hasher_actor::pointer self_;
  hashing_settings settings_;
  caf::telemetry::dbl_histogram* seconds_;
  /// What the password of an unknown user is checked against.
  std::string nobody_;
};

/// Gives the work to the threads, and refuses it when too much waits. Whoever signs in comes first and has half of the
/// places for themselves; of the other work one comes after each three sign-ins at the latest, so that nothing starves.
class hash_router {
public:
  static inline const char* name = "waybill.password_hasher";

  hash_router(password_hasher_actor::pointer self, std::vector<password_hasher_actor> workers,
              hashing_settings settings, caf::telemetry::int_gauge* waiting)
    : self_{self}, workers_{workers}, idle_{std::move(workers)}, settings_{settings}, waiting_{waiting} {}

  hash_router(const hash_router&) = delete;
  hash_router& operator=(const hash_router&) = delete;

  /// However the router ends, the workers end with it.
  ~hash_router() {
    for (const auto& member : workers_)
      caf::anon_send_exit(member, caf::exit_reason::user_shutdown);
  }

  password_hasher_actor::behavior_type make_behavior() {
    return {
      [this](hash_password& request) { return accept<password_hash>(std::move(request), others_, places_of_others()); },
      [this](verify_password& request) {
        return request.sign_in ? accept<password_verdict>(std::move(request), sign_ins_, settings_.max_waiting)
                               : accept<password_verdict>(std::move(request), others_, places_of_others());
      },
    };
  }

private:
  using clock = std::chrono::steady_clock;
  static constexpr int sign_ins_before_another = 3;

  struct job {
    clock::time_point since;
    std::function<void(password_hasher_actor)> start;
  };
  using queue = std::deque<job>;

  [[nodiscard]] std::size_t places_of_others() const {
    return std::max<std::size_t>(settings_.max_waiting - settings_.max_waiting / 2, 1);
  }

  template <class Answer, class Question>
  caf::result<Answer> accept(Question question, queue& into, std::size_t places) {
    const auto waiting = sign_ins_.size() + others_.size();
    if (into.size() >= places || waiting >= std::max<std::size_t>(settings_.max_waiting, 1))
      return to_error({ec::overloaded, "too many passwords wait to be hashed"});
    auto promise = self_->template make_response_promise<Answer>();
    into.push_back({clock::now(), [this, promise, question](password_hasher_actor worker) mutable {
                      self_->request(worker, bounded_elsewhere, std::move(question))
                        .then(
                          [this, promise, worker](Answer& answer) mutable {
                            promise.deliver(std::move(answer));
                            release(worker);
                          },
                          [this, promise, worker](caf::error& reason) mutable {
                            promise.deliver(std::move(reason));
                            release(worker);
                          });
                    }});
    waiting_->inc();
    go_on();
    return promise;
  }

  void release(const password_hasher_actor& worker) {
    waiting_->dec();
    idle_.push_back(worker);
    go_on();
  }

  void go_on() {
    while (!idle_.empty() && !(sign_ins_.empty() && others_.empty())) {
      const bool others_turn = sign_ins_.empty() || (!others_.empty() && sign_ins_in_a_row_ >= sign_ins_before_another);
      auto& from = others_turn ? others_ : sign_ins_;
      auto next = std::move(from.front());
      from.pop_front();
      // Nobody waits for it any more.
      if (clock::now() - next.since >= settings_.patience) {
        waiting_->dec();
        continue;
      }
      sign_ins_in_a_row_ = others_turn ? 0 : sign_ins_in_a_row_ + 1;
      const auto worker = idle_.back();
      idle_.pop_back();
      next.start(worker);
    }
  }

  password_hasher_actor::pointer self_;
  std::vector<password_hasher_actor> workers_;
  std::vector<password_hasher_actor> idle_;
  hashing_settings settings_;
  /// Counts those that are being hashed too.
  caf::telemetry::int_gauge* waiting_;
  queue sign_ins_;
  queue others_;
  int sign_ins_in_a_row_ = 0;
};

} // namespace

password_hasher_actor spawn_password_hasher(caf::actor_system& sys, const hashing_settings& settings,
                                            const supervise_actor& supervise) {
  if (sodium_init() < 0)
    throw std::runtime_error("libsodium cannot be used");
  auto* waiting = sys.metrics().gauge_singleton("waybill", "password-hashes-waiting",
                                                "Passwords that are being hashed or wait for it.");
  constexpr std::array bounds{0.01, 0.03, 0.1, 0.3, 1.0, 3.0};
  auto* seconds = sys.metrics().histogram_singleton<double>("waybill", "password-hash-time", bounds,
                                                            "How long a hash of a password takes.", "seconds");
  std::vector<password_hasher_actor> workers;
  for (std::size_t i = 0; i < std::max<std::size_t>(settings.workers, 1); ++i)
    workers.push_back(supervised(
      supervise, sys.spawn<password_hasher_actor::stateful_impl<hash_worker>, caf::detached>(settings, seconds)));
  return sys.spawn<password_hasher_actor::stateful_impl<hash_router>>(std::move(workers), settings, waiting);
}

} // namespace waybill
