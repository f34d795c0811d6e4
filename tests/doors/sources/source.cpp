#define CAF_SUITE doors.source

#include "doors/sources/source.hpp"
#include "domain/base/errors.hpp"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <span>
#include <thread>

#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::source_door;

namespace {

constexpr std::chrono::seconds patience{20};

/// A broker with one queue, in memory: what is not settled comes again over the next connection.
class test_broker {
public:
  void put(std::string id, std::string body, std::string fault = {}) {
    const std::lock_guard guard{mutex_};
    queue_.push_back({id, id, {}, std::move(body), std::move(fault), {}});
  }

  /// The next connection that is used breaks.
  void break_connection() {
    const std::lock_guard guard{mutex_};
    breaks_ = true;
  }

  std::unique_ptr<brokers::consumer> connect() { return std::make_unique<connection>(*this); }

  bool await(const std::function<bool(test_broker&)>& holds) {
    std::unique_lock lock{mutex_};
    return changed_.wait_for(lock, patience, [&] { return holds(*this); });
  }

  // Under the lock, within await().
  [[nodiscard]] bool is_empty() const { return queue_.empty(); }
  std::map<std::string, unsigned> dead;

private:
  class connection final : public brokers::consumer {
  public:
    explicit connection(test_broker& of) : broker_{of} {}

    result<void> connect() override { return {}; }

    result<std::vector<brokers::received>> receive(milliseconds wait) override {
      std::unique_lock lock{broker_.mutex_};
      broker_.changed_.wait_for(lock, wait, [&] { return broker_.breaks_ || given_ < broker_.queue_.size(); });
      if (std::exchange(broker_.breaks_, false))
        return lose();
      std::vector<brokers::received> batch{broker_.queue_.begin() + static_cast<std::ptrdiff_t>(given_),
                                           broker_.queue_.end()};
      given_ = broker_.queue_.size();
      return batch;
    }

    result<void> settle(std::span<const brokers::settlement> batch) override {
      const std::lock_guard guard{broker_.mutex_};
      if (std::exchange(broker_.breaks_, false))
        return lose().error();
      for (const auto& each : batch) {
        if (each.rejected)
          broker_.dead[each.message->id] = each.rejected->status;
        const auto place = std::ranges::find(broker_.queue_, each.message->handle, &brokers::received::handle);
        broker_.queue_.erase(place);
        --given_;
      }
      broker_.changed_.notify_all();
      return {};
    }

    result<std::optional<std::uint64_t>> count_waiting() override {
      const std::lock_guard guard{broker_.mutex_};
      return broker_.queue_.size() - given_;
    }

  private:
    result<std::vector<brokers::received>> lose() {
      given_ = 0;
      return failure{ec::unavailable, "the connection broke"};
    }

    test_broker& broker_;
    std::size_t given_ = 0;
  };

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<brokers::received> queue_;
  bool breaks_ = false;
};

/// Answers at once, on the source's thread, as `answer` says; remembers what it was asked.
class test_gateway {
public:
  std::function<order_answer(const order_request&)> answer = [](const order_request&) {
    return order_answer{201, {}, "{}"};
  };

  order_placer placer() {
    return [this](order_request request, const std::function<void(order_answer)>& done) {
      auto given = answer(request);
      {
        const std::lock_guard guard{mutex_};
        asked_.push_back(std::move(request));
      }
      done(std::move(given));
    };
  }

  std::vector<std::string> keys() {
    const std::lock_guard guard{mutex_};
    std::vector<std::string> all;
    for (const auto& each : asked_)
      all.push_back(each.key);
    return all;
  }

private:
  std::mutex mutex_;
  std::vector<order_request> asked_;
};

struct test_observer final : source_observer {
  void on_connection(bool is_connected) override {
    if (connections.empty() || connections.back() != is_connected)
      connections.push_back(is_connected);
  }
  void on_problem(const std::string& why) override {
    const std::lock_guard guard{mutex};
    if (!why.empty())
      problems.push_back(why);
  }
  void on_outcome(outcome what) override { ++counts[what]; }
  void on_waiting(std::uint64_t count) override { waiting = count; }

  std::mutex mutex;
  std::vector<std::string> problems;
  /// To be read when the source has ended.
  std::map<outcome, int> counts;
  std::vector<bool> connections;
  std::atomic<std::uint64_t> waiting = 0;
};

struct scene {
  test_broker broker;
  test_gateway gateway;
  std::shared_ptr<test_observer> observer = std::make_shared<test_observer>();
  std::unique_ptr<source> running;

  void start() {
    running = std::make_unique<source>(
      "the queue", [this](const brokers::stop_flag&) { return broker.connect(); }, gateway.placer(),
      source_settings{milliseconds{1}, milliseconds{5}, milliseconds{50}, milliseconds{1}}, observer);
  }

  bool await_empty() {
    return broker.await([](test_broker& at) { return at.is_empty(); });
  }

  void stop() {
    running->join(patience);
    running.reset();
  }
};

order_answer refusal(unsigned status) {
  return {status, {}, R"({"code":"refused"})"};
}

} // namespace

SCENARIO("each message is an order under its id, and then settled") {
  scene at;
  at.broker.put("a", "{}");
  at.broker.put("b", "{}");
  at.start();
  at.broker.put("c", "{}");
  CHECK(at.await_empty());
  at.stop();
  CHECK_EQ(at.gateway.keys(), (std::vector<std::string>{"a", "b", "c"}));
  CHECK_EQ(at.observer->counts[outcome::placed], 3);
}

SCENARIO("poison goes to the dead letters, and the queue goes on") {
  scene at;
  at.gateway.answer = [](const order_request& request) {
    return request.body == "poison" ? refusal(422) : order_answer{201, {}, "{}"};
  };
  at.broker.put("a", "poison");
  at.broker.put("b", "{}", "it cannot be read");
  at.broker.put("c", "{}");
  at.start();
  CHECK(at.await_empty());
  at.stop();
  CHECK_EQ(at.broker.dead, (std::map<std::string, unsigned>{{"a", 422}, {"b", 422}}));
  // What cannot be read asks nobody.
  CHECK_EQ(at.gateway.keys(), (std::vector<std::string>{"a", "c"}));
  CHECK_EQ(at.observer->counts[outcome::dead], 2);
  CHECK_EQ(at.observer->counts[outcome::placed], 1);
}

SCENARIO("what cannot be placed now is tried again in its order, and nothing of it is a dead letter") {
  scene at;
  std::map<std::string, int> tries;
  at.gateway.answer = [&tries](const order_request& request) {
    const bool is_late = request.key != "b" && ++tries[request.key] <= 3;
    return is_late ? refusal(503) : order_answer{201, {}, "{}"};
  };
  for (const auto* id : {"a", "b", "c"})
    at.broker.put(id, "{}");
  at.start();
  CHECK(at.await_empty());
  at.stop();
  CHECK_EQ(at.gateway.keys(), (std::vector<std::string>{"a", "b", "c", "a", "c", "a", "c", "a", "c"}));
  CHECK(at.broker.dead.empty());
  CHECK_EQ(at.observer->counts[outcome::retried], 6);
}

SCENARIO("what waits in the queue is counted, also while what was taken cannot be placed") {
  scene at;
  std::atomic<bool> is_overloaded = true;
  at.gateway.answer = [&](const order_request&) { return is_overloaded ? refusal(503) : order_answer{201, {}, "{}"}; };
  at.broker.put("first", "{}");
  at.start();
  const auto end = std::chrono::steady_clock::now() + patience;
  while (at.gateway.keys().empty() && std::chrono::steady_clock::now() < end)
    std::this_thread::yield();
  at.broker.put("second", "{}");
  at.broker.put("third", "{}");
  while (at.observer->waiting != 2 && std::chrono::steady_clock::now() < end)
    std::this_thread::yield();
  CHECK_EQ(at.observer->waiting, 2u);
  is_overloaded = false;
  CHECK(at.await_empty());
  while (at.observer->waiting != 0 && std::chrono::steady_clock::now() < end)
    std::this_thread::yield();
  CHECK_EQ(at.observer->waiting, 0u);
  at.stop();
}

SCENARIO("a message on which the gateway fails holds up the queue for a while only") {
  scene at;
  std::atomic<int> tries = 0;
  // That it could not be tried before does not count.
  at.gateway.answer = [&tries](const order_request& request) {
    if (request.key != "a")
      return order_answer{201, {}, "{}"};
    return ++tries <= 10 ? refusal(503) : refusal(500);
  };
  at.broker.put("a", "{}");
  at.broker.put("b", "{}");
  at.start();
  CHECK(at.await_empty());
  at.stop();
  CHECK_EQ(tries.load(), 10 + static_cast<int>(most_defects));
  CHECK_EQ(at.broker.dead, (std::map<std::string, unsigned>{{"a", 500}}));
}

SCENARIO("messages of a connection that broke come again under their keys") {
  scene at;
  at.broker.put("a", "{}");
  // Breaks before anything is read, or when it is settled.
  at.broker.break_connection();
  at.start();
  CHECK(at.await_empty());
  at.gateway.answer = [&at](const order_request& request) {
    if (request.key == "b" && std::ranges::count(at.gateway.keys(), "b") == 0)
      at.broker.break_connection();
    return order_answer{201, {}, "{}"};
  };
  at.broker.put("b", "{}");
  CHECK(at.await_empty());
  at.stop();
  CHECK_EQ(at.gateway.keys(), (std::vector<std::string>{"a", "b", "b"}));
  CHECK_EQ(at.observer->counts[outcome::placed], 2);
  CHECK_EQ(at.observer->problems, (std::vector<std::string>{"the connection broke", "the connection broke"}));
  CHECK_EQ(at.observer->connections, (std::vector<bool>{false, true, false, true, false}));
}

SCENARIO("a key that is refused keeps the messages in the queue") {
  scene at;
  at.gateway.answer = [](const order_request&) { return refusal(401); };
  at.broker.put("a", "{}");
  at.start();
  const auto limit = std::chrono::steady_clock::now() + patience;
  while (at.gateway.keys().size() < 10 && std::chrono::steady_clock::now() < limit)
    std::this_thread::yield();
  at.stop();
  CHECK(at.gateway.keys().size() >= 10);
  CHECK(!at.broker.is_empty());
  CHECK(at.broker.dead.empty());
  CHECK_EQ(at.observer->problems, (std::vector<std::string>{"the key of the sources is refused with 401"}));
}

SCENARIO("a source that ends leaves what nobody answers to the broker") {
  scene at;
  std::vector<std::function<void(order_answer)>> open;
  std::mutex mutex;
  at.broker.put("a", "{}");
  at.running = std::make_unique<source>(
    "the queue", [&at](const brokers::stop_flag&) { return at.broker.connect(); },
    [&](const order_request&, std::function<void(order_answer)> done) {
      const std::lock_guard guard{mutex};
      open.push_back(std::move(done));
    },
    source_settings{}, at.observer);
  const auto is_asked = [&] {
    const std::lock_guard guard{mutex};
    return !open.empty();
  };
  const auto limit = std::chrono::steady_clock::now() + patience;
  while (!is_asked() && std::chrono::steady_clock::now() < limit)
    std::this_thread::yield();
  REQUIRE(is_asked());
  at.running->join(milliseconds{10});
  CHECK(!at.broker.is_empty());
  // An answer that comes too late finds nobody.
  open.front()({201, {}, "{}"});
}
