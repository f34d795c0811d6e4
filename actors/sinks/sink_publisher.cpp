#include "actors/entity/entity_support.hpp"
#include "actors/sinks/cloud_event.hpp"
#include "actors/sinks/sinks.hpp"
#include "domain/base/errors.hpp"

#include <caf/actor_system.hpp>
#include <caf/send.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <atomic>
#include <chrono>
#include <iterator>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace waybill {

namespace {

/// Publishes the batches of one sink, on a thread of its own: it blocks.
class sink_worker {
public:
  static inline const char* name = "waybill.sink_worker";

  sink_worker(publisher_factory make, brokers::connection_settings settings, brokers::stop_flag stop)
    : make_{std::move(make)}, settings_{std::move(settings)}, stop_{std::move(stop)} {}

  sink_publisher_actor::behavior_type make_behavior() {
    return {[this](const publish_batch& request) { return publish(*request.batch); }};
  }

private:
  caf::result<void> publish(const sink_batch& batch) {
    if (!publisher_ || batch.target != target_ || batch.password != password_) {
      auto address = sink::parse_address(batch.target.url);
      if (!address)
        return to_error(address.error());
      // The connection to where it went before ends first.
      publisher_.reset();
      target_ = batch.target;
      password_ = batch.password;
      publisher_ = make_({std::move(*address), target_.destination, target_.user, password_}, settings_, stop_);
    }
    std::vector<brokers::message> messages;
    messages.reserve(batch.events.size());
    for (const auto& event : batch.events)
      messages.push_back(to_cloud_event(*event));
    const auto done = publisher_->publish(messages);
    if (!done)
      return to_error(done.error());
    return caf::unit;
  }

  publisher_factory make_;
  brokers::connection_settings settings_;
  brokers::stop_flag stop_;
  std::unique_ptr<brokers::publisher> publisher_;
  sink::target target_;
  std::string password_;
};

/// Gives each batch to the thread of its sink.
class sink_dispatcher {
public:
  static inline const char* name = "waybill.sink_publisher";

  sink_dispatcher(sink_publisher_actor::pointer self, sink_publisher_settings settings, publisher_factory make)
    : self_{self}, settings_{std::move(settings)}, make_{std::move(make)} {}

  sink_dispatcher(const sink_dispatcher&) = delete;
  sink_dispatcher& operator=(const sink_dispatcher&) = delete;

  /// However it ends, the threads end with it.
  ~sink_dispatcher() {
    for (auto& [id, worker] : workers_)
      end(worker);
  }

  sink_publisher_actor::behavior_type make_behavior() {
    sweep_later();
    return {[this](publish_batch& request) { return pass_on(std::move(request)); }};
  }

private:
  using clock = std::chrono::steady_clock;

  struct worker {
    sink_publisher_actor handle;
    std::shared_ptr<std::atomic<bool>> stop;
    clock::time_point used;
    std::size_t under_way = 0;
  };

  static void end(worker& which) {
    which.stop->store(true);
    caf::anon_send_exit(which.handle, caf::exit_reason::user_shutdown);
  }

  caf::result<void> pass_on(publish_batch request) {
    const auto id = request.id.value;
    auto& entry = workers_[id];
    if (!entry.handle) {
      entry.stop = std::make_shared<std::atomic<bool>>(false);
      entry.handle = self_->system().spawn<sink_publisher_actor::stateful_impl<sink_worker>, caf::detached>(
        make_, settings_.connections, brokers::stop_flag{entry.stop});
    }
    ++entry.under_way;
    auto promise = self_->make_response_promise<void>();
    self_->request(entry.handle, bounded_elsewhere, std::move(request))
      .then(
        [this, id, promise]() mutable {
          note_end(id, true);
          promise.deliver();
        },
        [this, id, promise](const caf::error& reason) mutable {
          note_end(id, reason.category() == caf::type_id_v<ec>);
          promise.deliver(to_error(to_failure(reason)));
        });
    return promise;
  }

  /// A thread that has ended by a defect is replaced.
  void note_end(const std::string& id, bool answered) {
    const auto entry = workers_.find(id);
    if (entry == workers_.end())
      return;
    --entry->second.under_way;
    entry->second.used = clock::now();
    if (!answered)
      workers_.erase(entry);
  }

  void sweep_later() {
    self_->run_delayed(settings_.max_idle / 2, [this] {
      for (auto entry = workers_.begin(); entry != workers_.end();) {
        const bool is_idle = entry->second.under_way == 0 && clock::now() - entry->second.used >= settings_.max_idle;
        if (is_idle)
          end(entry->second);
        entry = is_idle ? workers_.erase(entry) : std::next(entry);
      }
      sweep_later();
    });
  }

  sink_publisher_actor::pointer self_;
  sink_publisher_settings settings_;
  publisher_factory make_;
  std::map<std::string, worker> workers_;
};

} // namespace

sink_publisher_actor spawn_sink_publisher(caf::actor_system& sys, const sink_publisher_settings& settings,
                                          publisher_factory make) {
  return sys.spawn<sink_publisher_actor::stateful_impl<sink_dispatcher>>(settings, std::move(make));
}

} // namespace waybill
