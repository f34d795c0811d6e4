#include "doors/sources/source.hpp"

#include "domain/base/errors.hpp"
#include "domain/base/log.hpp"
#include "domain/octets/octets.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <stop_token>
#include <thread>
#include <utility>
#include <vector>

#include <pthread.h>

namespace waybill::source_door {

namespace {

using clock = std::chrono::steady_clock;

/// How late an end that cannot wait is noticed.
constexpr milliseconds glance{100};

/// The pause before attempt `attempt` (from 2), half of it by chance ("equal jitter", Brooker, AWS Architecture Blog,
/// 2015).
milliseconds pause_before(unsigned attempt, const source_settings& settings) {
  constexpr unsigned most_doublings = 16;
  const auto doublings = std::min(attempt >= 2 ? attempt - 2 : 0U, most_doublings);
  const auto whole = std::min(settings.first_pause * (1U << doublings), settings.longest_pause).count();
  return milliseconds{whole - static_cast<std::int64_t>(random_number() % static_cast<std::uint64_t>(whole / 2 + 1))};
}

/// The answers to what was asked at once. Outlives a source that does not wait for them.
class answers {
public:
  explicit answers(std::size_t count) : all_(count), open_{count} {}

  void take(std::size_t place, order_answer answer) {
    const std::lock_guard guard{mutex_};
    all_[place] = std::move(answer);
    if (--open_ == 0)
      complete_.notify_one();
  }

  /// Nothing when `left` became true before all were there.
  std::optional<std::vector<order_answer>> wait(const std::atomic<bool>& left) {
    std::unique_lock lock{mutex_};
    while (!complete_.wait_for(lock, glance, [this] { return open_ == 0; }))
      if (left.load())
        return std::nullopt;
    return std::move(all_);
  }

private:
  std::mutex mutex_;
  std::condition_variable complete_;
  std::vector<order_answer> all_;
  std::size_t open_;
};

} // namespace

class source::loop {
public:
  loop(std::string name, consumer_factory make, order_placer place, const source_settings& settings,
       std::shared_ptr<source_observer> observer)
    : name_{std::move(name)}, make_{std::move(make)}, place_{std::move(place)}, settings_{settings},
      observer_{std::move(observer)}, thread_{[this](const std::stop_token& stop) { run(stop); }} {
    ::pthread_setname_np(thread_.native_handle(), "source");
  }

  void request_stop() { thread_.request_stop(); }

  void join(milliseconds limit) {
    request_stop();
    {
      std::unique_lock lock{mutex_};
      ended_.wait_for(lock, limit, [this] { return has_ended_; });
    }
    cut_->store(true);
    if (thread_.joinable())
      thread_.join();
  }

private:
  using batch = std::vector<brokers::received>;

  struct pending_message {
    const brokers::received* message;
    /// How often it was answered with one.
    unsigned defects = 0;
  };
  using pending = std::vector<pending_message>;

  struct sorted_batch {
    std::vector<brokers::settlement> settled;
    pending later;
    std::chrono::seconds retry_after{0};
  };

  void run(const std::stop_token& stop) {
    for (unsigned failures = 0; !stop.stop_requested();) {
      bool done = false;
      try {
        done = take_batch(stop);
      } catch (const std::exception& error) {
        log_error("the source {} goes on after a defect: {}", name_, error.what());
        // What is not settled comes again over another connection.
        consumer_.reset();
      }
      failures = done ? 0 : failures + 1;
      if (failures != 0)
        pause(pause_before(failures + 1, settings_), stop);
    }
    observer_->on_connection(false);
    const std::lock_guard guard{mutex_};
    has_ended_ = true;
    ended_.notify_all();
  }

  /// Whether the broker has done its part.
  bool take_batch(const std::stop_token& stop) {
    if (!consumer_)
      consumer_ = make_(cut_);
    auto taken = consumer_->receive(settings_.patience);
    if (!taken)
      return lose(taken.error());
    if (!std::exchange(is_connected_, true).value_or(false)) {
      log_info("orders are taken from {}", name_);
      observer_->on_connection(true);
      observer_->on_problem({});
    }
    if (auto counted = count_waiting(); !counted)
      return lose(counted.error());
    return taken->empty() || place_all(*taken, stop);
  }

  /// Now and then.
  result<void> count_waiting() {
    const auto now = clock::now();
    if (now < count_due_)
      return {};
    count_due_ = now + settings_.count_every;
    const auto count = consumer_->count_waiting();
    if (!count)
      return count.error();
    if (*count)
      observer_->on_waiting(**count);
    return {};
  }

  bool lose(const failure& why) {
    if (is_connected_.value_or(true) && why.code != ec::shutting_down)
      log_warning("no orders are taken from {}: {}", name_, why.detail);
    is_connected_ = false;
    observer_->on_problem(why.detail);
    observer_->on_connection(false);
    return false;
  }

  /// What cannot be placed now is tried again, in its order, and nothing behind it is taken meanwhile.
  bool place_all(const batch& taken, const std::stop_token& stop) {
    pending open;
    for (const auto& message : taken)
      open.push_back({&message});
    for (unsigned attempt = 1;; ++attempt) {
      const auto answered = ask(open);
      if (!answered)
        return true;
      auto sorted = sort(open, *answered);
      if (!sorted.settled.empty())
        if (auto done = settle(sorted.settled); !done)
          return lose(done.error());
      if (sorted.later.empty())
        break;
      open = std::move(sorted.later);
      const auto wait = std::max<milliseconds>(pause_before(attempt + 1, settings_), sorted.retry_after);
      if (!pause(std::min(wait, settings_.longest_pause), stop))
        return true;
      if (auto counted = count_waiting(); !counted)
        return lose(counted.error());
    }
    if (std::exchange(is_refused_, false))
      observer_->on_problem({});
    return true;
  }

  sorted_batch sort(const pending& open, const std::vector<order_answer>& answered) {
    sorted_batch sorted;
    for (std::size_t i = 0; i < open.size(); ++i) {
      const auto& answer = answered[i];
      auto entry = open[i];
      if (!entry.message->fault.empty()) {
        sorted.settled.push_back({entry.message, unreadable(entry.message->fault)});
        continue;
      }
      entry.defects += is_defect(answer) ? 1 : 0;
      switch (judge(answer, entry.defects)) {
        case outcome::placed: sorted.settled.push_back({entry.message, std::nullopt}); break;
        case outcome::dead: sorted.settled.push_back({entry.message, rejection_of(answer)}); break;
        case outcome::retried:
          sorted.later.push_back(entry);
          sorted.retry_after = std::max(sorted.retry_after, answer.retry_after);
          note_refusal(answer);
          observer_->on_outcome(outcome::retried);
          break;
      }
    }
    return sorted;
  }

  /// The answers, in the order of the messages. Nothing when there is no time to wait for them.
  std::optional<std::vector<order_answer>> ask(const pending& open) {
    const auto round = std::make_shared<answers>(open.size());
    for (std::size_t i = 0; i < open.size(); ++i) {
      const auto& message = *open[i].message;
      if (!message.fault.empty()) {
        round->take(i, {});
        continue;
      }
      const auto& type = message.content_type;
      place_({message.id, type.empty() ? "application/json" : type, message.body},
             [round, i](order_answer answer) { round->take(i, std::move(answer)); });
    }
    return round->wait(*cut_);
  }

  result<void> settle(const std::vector<brokers::settlement>& settled) {
    auto done = consumer_->settle(settled);
    if (!done)
      return done;
    std::size_t dead = 0;
    const brokers::settlement* first = nullptr;
    for (const auto& each : settled) {
      observer_->on_outcome(each.rejected ? outcome::dead : outcome::placed);
      if (each.rejected && dead++ == 0)
        first = &each;
    }
    if (first != nullptr)
      log_warning("dead letters of {}: {}; the first is answered {} {}", name_, dead, first->rejected->status,
                  first->rejected->code);
    return done;
  }

  /// The gateway does not take orders from this source at all.
  void note_refusal(const order_answer& answer) {
    constexpr unsigned unauthenticated = 401;
    constexpr unsigned forbidden = 403;
    if ((answer.status != unauthenticated && answer.status != forbidden) || std::exchange(is_refused_, true))
      return;
    log_warning("orders from {} wait: the key of the sources is refused with {}", name_, answer.status);
    observer_->on_problem("the key of the sources is refused with " + std::to_string(answer.status));
  }

  /// Whether to go on behind it.
  bool pause(milliseconds time, const std::stop_token& stop) {
    std::unique_lock lock{mutex_};
    wake_.wait_for(lock, stop, time, [] { return false; });
    return !stop.stop_requested();
  }

  const std::string name_;
  const consumer_factory make_;
  const order_placer place_;
  const source_settings settings_;
  const std::shared_ptr<source_observer> observer_;
  /// Ends what blocks.
  const std::shared_ptr<std::atomic<bool>> cut_ = std::make_shared<std::atomic<bool>>(false);
  std::unique_ptr<brokers::consumer> consumer_;
  /// Nothing as long as it was not tried.
  std::optional<bool> is_connected_;
  bool is_refused_ = false;
  clock::time_point count_due_;
  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::condition_variable ended_;
  bool has_ended_ = false;
  std::jthread thread_;
};

source::source(std::string name, consumer_factory make, order_placer place, const source_settings& settings,
               std::shared_ptr<source_observer> observer)
  : loop_{std::make_unique<loop>(std::move(name), std::move(make), std::move(place), settings, std::move(observer))} {}

source::~source() {
  loop_->join(milliseconds{0});
}

void source::request_stop() {
  loop_->request_stop();
}

void source::join(milliseconds limit) {
  loop_->join(limit);
}

} // namespace waybill::source_door
