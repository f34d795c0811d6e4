#define CAF_SUITE actors.sink_publisher

#include "actors/sinks/sinks.hpp"
#include "domain/base/errors.hpp"
#include "messages/failures.hpp"

#include <caf/actor_cast.hpp>
#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

#include <atomic>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <caf/test/bdd_dsl.hpp>

using namespace waybill;

namespace {

/// What all brokers were told.
struct told {
  std::mutex mutex;
  std::vector<std::string> lines;
  std::atomic<int> connections = 0;
  std::atomic<bool> hangs = false;

  void note(std::string line) {
    const std::scoped_lock lock{mutex};
    lines.push_back(std::move(line));
  }
};

class scripted_publisher : public brokers::publisher {
public:
  scripted_publisher(told& notes, brokers::target to, brokers::stop_flag stop)
    : notes_{notes}, to_{std::move(to)}, stop_{std::move(stop)} {
    ++notes_.connections;
  }

  result<void> publish(std::span<const brokers::message> batch) override {
    while (notes_.hangs && !stop_->load())
      std::this_thread::sleep_for(std::chrono::milliseconds{1});
    if (stop_->load())
      return failure{ec::shutting_down, "stopped"};
    for (const auto& each : batch)
      notes_.note(to_.destination + ' ' + each.id);
    if (to_.destination == "full")
      return failure{ec::unavailable, "it is full"};
    return {};
  }

private:
  told& notes_;
  brokers::target to_;
  brokers::stop_flag stop_;
};

struct scene {
  scene() {
    publisher = spawn_sink_publisher(
      sys, {}, [this](brokers::target to, const brokers::connection_settings&, brokers::stop_flag stop) {
        return std::make_unique<scripted_publisher>(notes, std::move(to), std::move(stop));
      });
  }
  ~scene() {
    caf::anon_send_exit(caf::actor_cast<caf::actor>(publisher), caf::exit_reason::user_shutdown);
    publisher = nullptr;
    sys.await_all_actors_done();
  }

  static publish_batch batch_of(const std::string& sink, const std::string& destination, std::uint64_t version) {
    auto event = std::make_shared<stored_event>();
    event->stream = "ord_1";
    event->version = version;
    event->type = "order.placed";
    event->data = "{}";
    auto batch = std::make_shared<sink_batch>();
    batch->target = {"amqp://rabbit", destination, ""};
    batch->events = {event};
    return {sink_id{sink}, batch};
  }

  /// Empty, or why it was not published.
  std::string publish(const publish_batch& request) {
    std::string answer = "none";
    caf::scoped_actor self{sys};
    self->request(publisher, std::chrono::seconds{30}, request)
      .receive([&] { answer.clear(); }, [&](const caf::error& reason) { answer = to_failure(reason).detail; });
    return answer;
  }

  told notes;
  caf::actor_system_config config;
  caf::actor_system sys{config};
  sink_publisher_actor publisher;
};

} // namespace

SCENARIO("batches of one sink go over one connection, and another target gets another one") {
  scene s;
  CHECK_EQ(s.publish(scene::batch_of("snk_1", "a", 1)), "");
  CHECK_EQ(s.publish(scene::batch_of("snk_1", "a", 2)), "");
  CHECK_EQ(s.notes.connections.load(), 1);
  CHECK_EQ(s.publish(scene::batch_of("snk_1", "b", 3)), "");
  CHECK_EQ(s.publish(scene::batch_of("snk_2", "a", 4)), "");
  CHECK_EQ(s.notes.connections.load(), 3);
  CHECK_EQ(s.notes.lines,
           (std::vector<std::string>{"a evt_ord_1.1", "a evt_ord_1.2", "b evt_ord_1.3", "a evt_ord_1.4"}));
}

SCENARIO("a refusal is told with its reason") {
  scene s;
  CHECK_EQ(s.publish(scene::batch_of("snk_1", "full", 1)), "it is full");
}

SCENARIO("a broker that hangs holds up no other sink, and the end of the node does not wait for it") {
  scene s;
  s.notes.hangs = true;
  caf::anon_send(s.publisher, scene::batch_of("snk_1", "a", 1));
  while (s.notes.connections.load() == 0)
    std::this_thread::sleep_for(std::chrono::milliseconds{1});
  s.notes.hangs = false;
  CHECK_EQ(s.publish(scene::batch_of("snk_2", "b", 2)), "");
  s.notes.hangs = true;
  caf::anon_send(s.publisher, scene::batch_of("snk_3", "c", 3));
}
