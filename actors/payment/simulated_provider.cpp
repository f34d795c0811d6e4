#include "actors/payment/simulated_provider.hpp"

#include "actors/entity/entity_support.hpp"
#include "actors/support/random_delay.hpp"
#include "domain/base/errors.hpp"
#include "domain/json/codec.hpp"

#include <caf/actor_system.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <deque>
#include <optional>
#include <random>
#include <unordered_map>

namespace waybill {

namespace {

class simulated_provider_state {
public:
  static inline const char* name = "waybill.simulated_provider";

  simulated_provider_state(payment_provider_actor::pointer self, simulated_provider_settings settings,
                           journal_actor ledger, reader_actor ledger_reader,
                           std::function<std::uint64_t()> ledger_generation)
    : self_(self), settings_(settings), ledger_(std::move(ledger)), reader_(std::move(ledger_reader)),
      ledger_generation_(std::move(ledger_generation)) {}

  payment_provider_actor::behavior_type make_behavior() {
    return {
      [this](provider_request& request) { return take(std::move(request)); },
      [this](provider_lookup& lookup) { return look_up(std::move(lookup)); },
    };
  }

private:
  using promise_type = caf::typed_response_promise<provider_answer>;
  using time_point = caf::actor_clock::time_point;

  /// What `tok_limited` is good for, in minor units.
  static constexpr std::int64_t limit = 5'000;

  // -- requests -------------------------------------------------------------------------------------------------------

  caf::result<provider_answer> take(provider_request request) {
    auto promise = self_->make_response_promise<provider_answer>();
    const auto asked_in = ledger_generation_();
    const bool charges = request.operation == payment::operation::authorize;
    if (charges && request.token == "tok_timeout") {
      keep_silent(promise);
    } else if (charges && request.token == "tok_flaky" && ++failures_[request.key] <= 2) {
      after(answer_time(), [promise]() mutable {
        promise.deliver(provider_answer{provider_outcome::try_again, {}, "the provider is not well"});
      });
    } else if (charges && request.token == "tok_late") {
      pending_.insert_or_assign(request.key, self_->clock().now() + settings_.late_delay);
      after(settings_.late_delay, [this, request, asked_in, promise] {
        pending_.erase(request.key);
        settle(request, asked_in, promise);
      });
    } else {
      failures_.erase(request.key);
      after(answer_time(),
            [this, request = std::move(request), asked_in, promise] { settle(request, asked_in, promise); });
    }
    return promise;
  }

  ledger_entry judge(const provider_request& request) const {
    ledger_entry entry{request.operation,          request.payment.value, request.amount,
                       provider_outcome::approved, "sim_" + request.key,  {}};
    const auto decline = [&](std::string reason) {
      entry.outcome = provider_outcome::declined;
      entry.reference.clear();
      entry.reason = std::move(reason);
    };
    if (request.operation == payment::operation::authorize) {
      if (request.token == "tok_declined")
        decline("card_declined");
      else if (request.token == "tok_insufficient_funds")
        decline("insufficient_funds");
      else if (request.token == "tok_limited" && request.amount.amount > limit)
        decline("insufficient_funds");
      else if (!request.token.starts_with("tok_"))
        decline("unknown_token");
    } else if (request.operation == payment::operation::capture && request.token == "tok_capture_fails") {
      decline("capture_failed");
    } else if (request.operation == payment::operation::refund && request.token == "tok_refund_fails") {
      decline("refund_failed");
    }
    return entry;
  }

  /// Enters the outcome into the ledger, or finds the one that stands there, and answers with it.
  void settle(const provider_request& request, std::uint64_t asked_in, promise_type promise) {
    const bool silent = (request.operation == payment::operation::authorize && request.token == "tok_timeout_charged")
                        || (request.operation == payment::operation::refund && request.token == "tok_refund_timeout");
    enter(
      request.key, judge(request), asked_in,
      [this, silent, promise](const provider_answer& answer) mutable {
        if (silent)
          keep_silent(promise);
        else
          promise.deliver(answer);
      },
      promise);
  }

  template <class Done>
  void enter(const std::string& key, const ledger_entry& entry, std::uint64_t asked_in, Done done,
             promise_type promise) {
    append request;
    request.generation = asked_in;
    request.kind = entity_kind::ledger_entry;
    request.stream = key;
    request.at = now();
    request.origin.by_id = "simulated provider";
    // The event is the entry: it has no state besides.
    request.events.push_back({"ledger." + std::string{name_of(entry.operation)}, 1, encode(entry)});
    self_->request(ledger_, bounded_elsewhere, std::move(request))
      .then(
        [done, answer = to_answer(entry)](const appended&) mutable { done(answer); },
        [this, key, done, promise](const caf::error& reason) mutable {
          // It stands there already, or the ledger is another one.
          if (to_failure(reason).code == ec::conflict)
            find(
              key,
              [done](std::optional<provider_answer> first) mutable {
                done(first.value_or(provider_answer{provider_outcome::try_again, {}, "the ledger is not readable"}));
              },
              promise);
          else
            promise.deliver(provider_answer{provider_outcome::try_again, {}, "the ledger is not available"});
        });
  }

  // -- look-ups -------------------------------------------------------------------------------------------------------

  caf::result<provider_answer> look_up(provider_lookup lookup) {
    auto promise = self_->make_response_promise<provider_answer>();
    if (pending_.contains(lookup.key)) {
      promise.deliver(provider_answer{provider_outcome::try_again, {}, "the charge is being processed"});
      return promise;
    }
    find(
      lookup.key,
      [this, lookup, promise](std::optional<provider_answer> recorded) mutable {
        if (recorded)
          promise.deliver(*recorded);
        else if (lookup.close)
          close(lookup.key, promise);
        else
          promise.deliver(provider_answer{provider_outcome::not_found, {}, {}});
      },
      promise);
    return promise;
  }

  /// A closed key is a refusal in the ledger, made before the request came.
  void close(const std::string& key, promise_type promise) {
    ledger_entry entry;
    entry.outcome = provider_outcome::declined;
    entry.reason = "the request never arrived";
    enter(
      key, entry, ledger_generation_(), [promise](const provider_answer& answer) mutable { promise.deliver(answer); },
      promise);
  }

  template <class Done>
  void find(const std::string& key, Done done, promise_type promise) {
    self_->request(reader_, bounded_elsewhere, load_entity{entity_kind::ledger_entry, key})
      .then(
        [done](const stored_entity& stored) mutable {
          if (stored.version == 0) {
            done(std::optional<provider_answer>{});
            return;
          }
          // Entries of earlier programs have a state.
          const auto entry = decode<ledger_entry>(stored.later.empty() ? stored.state : stored.later.back().data);
          done(entry ? std::optional{to_answer(*entry)} : std::nullopt);
        },
        [promise](const caf::error&) mutable {
          promise.deliver(provider_answer{provider_outcome::try_again, {}, "the ledger is not available"});
        });
  }

  static provider_answer to_answer(const ledger_entry& entry) { return {entry.outcome, entry.reference, entry.reason}; }

  // -- time -----------------------------------------------------------------------------------------------------------

  /// Never answers. A promise that is dropped would answer with an error, so it is kept; only the last ones, because by
  /// then the first callers have given up.
  void keep_silent(promise_type promise) {
    constexpr std::size_t most = 10'000;
    silent_.push_back(std::move(promise));
    if (silent_.size() > most)
      silent_.pop_front();
  }

  milliseconds answer_time() { return random_delay(settings_.shortest_delay, settings_.longest_delay, random_); }

  template <class Action>
  void after(milliseconds delay, Action action) {
    run_after(self_, delay, std::move(action));
  }

  payment_provider_actor::pointer self_;
  simulated_provider_settings settings_;
  journal_actor ledger_;
  reader_actor reader_;
  std::function<std::uint64_t()> ledger_generation_;
  /// How often `tok_flaky` failed, by key; taken out when it works.
  std::unordered_map<std::string, std::uint32_t> failures_;
  /// Charges of `tok_late` that are under way.
  std::unordered_map<std::string, time_point> pending_;
  std::deque<promise_type> silent_;
  std::minstd_rand random_{std::random_device{}()};
};

} // namespace

payment_provider_actor spawn_simulated_provider(caf::actor_system& sys, const simulated_provider_settings& settings,
                                                const journal_actor& ledger, const reader_actor& ledger_reader,
                                                std::function<std::uint64_t()> ledger_generation) {
  return sys.spawn<payment_provider_actor::stateful_impl<simulated_provider_state>>(settings, ledger, ledger_reader,
                                                                                   std::move(ledger_generation));
}

} // namespace waybill
