#include "actors/functions/function_runner.hpp"

#include "actors/entity/entity_support.hpp"
#include "domain/base/enum_name.hpp"
#include "domain/base/errors.hpp"
#include "functions/sandbox.hpp"

#include <caf/actor_system.hpp>
#include <caf/send.hpp>
#include <caf/telemetry/counter.hpp>
#include <caf/telemetry/gauge.hpp>
#include <caf/telemetry/histogram.hpp>
#include <caf/telemetry/metric_registry.hpp>
#include <caf/telemetry/timer.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <deque>
#include <functional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace waybill {

namespace {

std::optional<function_error> to_answer(const std::optional<sandbox::script_error>& error) {
  if (!error)
    return std::nullopt;
  return function_error{std::string{name_of(error->kind)}, error->message, error->line};
}

/// Somebody waits who is in a hurry.
bool is_urgent(const run_source& question) {
  return question.within > milliseconds{0};
}

bool is_urgent(const check_source&) {
  return false;
}

/// Runs one source after the other, on a thread of its own: it blocks.
class source_worker {
public:
  static inline const char* name = "waybill.function_worker";

  source_worker(sandbox::limits allowed, caf::telemetry::dbl_histogram* seconds)
    : allowed_{allowed}, seconds_{seconds} {}

  function_runner_actor::behavior_type make_behavior() {
    return {
      [this](const check_source& question) {
        return source_checked{to_answer(sandbox::check(question.source, allowed_))};
      },
      [this](const run_source& question) {
        caf::telemetry::timer timer{seconds_};
        auto allowed = allowed_;
        if (is_urgent(question))
          allowed.time = std::min(allowed.time, question.within);
        auto done = sandbox::run(question.source, question.input, allowed);
        return function_ran{std::move(done.result), to_answer(done.error)};
      },
    };
  }

private:
  sandbox::limits allowed_;
  caf::telemetry::dbl_histogram* seconds_;
};

struct run_metrics {
  explicit run_metrics(caf::actor_system& sys)
    : calls(sys.metrics().counter_family("waybill.function", "calls", {"outcome"},
                                         "Calls of functions, by what came of them.", "1", true)),
      waiting(sys.metrics().gauge_singleton("waybill.function", "waiting",
                                            "Calls and checks of functions that run or wait for a thread.")) {}

  void count(std::string_view outcome) const { calls->get_or_add({{"outcome", outcome}})->inc(); }

  caf::telemetry::int_counter_family* calls;
  caf::telemetry::int_gauge* waiting;
};

/// Gives the work to the threads, and refuses it when too much waits. One thread is kept for those who are in a hurry:
/// they wait only for each other.
class run_router {
public:
  static inline const char* name = "waybill.function_runner";

  run_router(function_runner_actor::pointer self, std::vector<function_runner_actor> workers,
             const function_run_settings& settings)
    : self_{self}, workers_{workers}, idle_{std::move(workers)},
      places_{std::max<std::size_t>(settings.max_waiting, 1)}, patience_{settings.patience}, metrics_{self->system()} {}

  run_router(const run_router&) = delete;
  run_router& operator=(const run_router&) = delete;

  /// However the router ends, the workers end with it.
  ~run_router() {
    metrics_.waiting->dec(static_cast<std::int64_t>(under_way_));
    for (const auto& member : workers_)
      caf::anon_send_exit(member, caf::exit_reason::user_shutdown);
  }

  function_runner_actor::behavior_type make_behavior() {
    return {
      [this](check_source& question) { return accept<source_checked>(std::move(question)); },
      [this](run_source& question) { return accept<function_ran>(std::move(question)); },
    };
  }

private:
  using clock = std::chrono::steady_clock;

  /// Threads that those who are in no hurry leave alone.
  static constexpr std::size_t kept_free = 1;

  struct job {
    clock::time_point since;
    std::function<void(const function_runner_actor&, milliseconds)> start;
    std::function<void(const failure&)> refuse;
    /// It is not begun when it has waited so long.
    milliseconds patience;
    failure too_late;
  };

  static constexpr std::string_view outcome_of(const source_checked&) { return {}; }
  static std::string_view outcome_of(const function_ran& ran) {
    return ran.error ? std::string_view{ran.error->kind} : std::string_view{"done"};
  }

  template <class Answer, class Question>
  caf::result<Answer> accept(Question question) {
    const bool urgent = is_urgent(question);
    if ((urgent ? urgent_.size() : under_way_) >= places_) {
      metrics_.count("refused");
      return to_error({ec::overloaded, "too many calls of functions wait"});
    }
    auto promise = self_->template make_response_promise<Answer>();
    job made{clock::now(), {}, {}, patience_, {ec::overloaded, "the call has waited too long"}};
    if constexpr (std::is_same_v<Question, run_source>)
      if (urgent) {
        made.patience = question.within;
        made.too_late = {ec::timed_out, "the time of the call was over before it began"};
      }
    made.start = [this, promise, question = std::move(question)](const function_runner_actor& worker,
                                                                 milliseconds waited) mutable {
      if constexpr (std::is_same_v<Question, run_source>)
        if (is_urgent(question))
          question.within -= waited;
      self_->request(worker, bounded_elsewhere, std::move(question))
        .then(
          [this, promise, worker](Answer& answer) mutable {
            if (const auto outcome = outcome_of(answer); !outcome.empty())
              metrics_.count(outcome);
            promise.deliver(std::move(answer));
            release(worker);
          },
          [this, promise, worker](caf::error& reason) mutable {
            promise.deliver(std::move(reason));
            release(worker);
          });
    };
    made.refuse = [promise](const failure& reason) mutable { promise.deliver(to_error(reason)); };
    (urgent ? urgent_ : queue_).push_back(std::move(made));
    ++under_way_;
    metrics_.waiting->inc();
    go_on();
    return promise;
  }

  void release(const function_runner_actor& worker) {
    note_end();
    idle_.push_back(worker);
    go_on();
  }

  void go_on() {
    while (!idle_.empty() && !urgent_.empty())
      begin_next(urgent_);
    while (idle_.size() > kept_free && !queue_.empty())
      begin_next(queue_);
  }

  void begin_next(std::deque<job>& from) {
    auto next = std::move(from.front());
    from.pop_front();
    const auto waited = std::chrono::duration_cast<milliseconds>(clock::now() - next.since);
    if (waited >= next.patience) {
      metrics_.count("refused");
      next.refuse(next.too_late);
      note_end();
      return;
    }
    const auto worker = idle_.back();
    idle_.pop_back();
    next.start(worker, waited);
  }

  void note_end() {
    --under_way_;
    metrics_.waiting->dec();
  }

  function_runner_actor::pointer self_;
  std::vector<function_runner_actor> workers_;
  std::vector<function_runner_actor> idle_;
  std::size_t places_;
  milliseconds patience_;
  run_metrics metrics_;
  std::deque<job> queue_;
  /// Of those who are in a hurry.
  std::deque<job> urgent_;
  /// Those that run, too.
  std::size_t under_way_ = 0;
};

} // namespace

function_runner_actor spawn_function_runner(caf::actor_system& sys, const function_run_settings& settings,
                                            const supervise_actor& supervise) {
  constexpr std::array bounds{0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0};
  auto* seconds = sys.metrics().histogram_singleton<double>("waybill.function", "time", bounds,
                                                            "How long a call of a function runs.", "seconds");
  std::vector<function_runner_actor> workers;
  // One more, which is kept free.
  for (std::size_t i = 0; i <= std::max<std::size_t>(settings.threads, 1); ++i)
    workers.push_back(supervised(
      supervise,
      sys.spawn<function_runner_actor::stateful_impl<source_worker>, caf::detached>(settings.limits, seconds)));
  return sys.spawn<function_runner_actor::stateful_impl<run_router>>(std::move(workers), settings);
}

} // namespace waybill
