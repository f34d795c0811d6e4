#include "nodes/node_sources.hpp"

#include "brokers/make_consumer.hpp"
#include "domain/base/enum_name.hpp"
#include "domain/base/number.hpp"

#include <caf/actor_system.hpp>
#include <caf/telemetry/counter.hpp>
#include <caf/telemetry/gauge.hpp>
#include <caf/telemetry/metric_registry.hpp>

#include <array>
#include <mutex>
#include <utility>

namespace waybill {

namespace {

/// The seconds that the gateway asks for; none when it does not.
std::chrono::seconds retry_after_in(const grpc_door::header_list& headers) {
  for (const auto& [name, value] : headers)
    if (name == "Retry-After")
      return std::chrono::seconds{parse_number<std::uint32_t>(value).value_or(0)};
  return {};
}

/// Messages pass what requests of HTTP do, as requests of this machine.
source_door::order_placer make_placer(std::shared_ptr<grpc_door::gateway_port> gateway, const std::string& key) {
  return [gateway = std::move(gateway), authorization = key.empty() ? std::string{} : "Bearer " + key](
           source_door::order_request asked, std::function<void(source_door::order_answer)> done) {
    grpc_door::http_request request{.method = "POST", .target = "/v1/orders", .peer = "127.0.0.1"};
    request.headers.emplace_back("Content-Type", std::move(asked.content_type));
    request.headers.emplace_back("Idempotency-Key", std::move(asked.key));
    if (!authorization.empty())
      request.headers.emplace_back("Authorization", authorization);
    request.body = std::move(asked.body);
    gateway->send(std::move(request), [done = std::move(done)](grpc_door::http_answer answer) {
      done({answer.status, retry_after_in(answer.headers), std::move(answer.body)});
    });
  };
}

} // namespace

/// What is known of one source.
class node_sources::watch final : public source_door::source_observer {
public:
  watch(caf::actor_system& sys, std::string name) : name_{std::move(name)} {
    auto& registry = sys.metrics();
    auto* messages =
      registry.counter_family("waybill.source", "messages", {"source", "outcome"},
                              "Messages of queues from which orders are taken, by what became of them.", "1", true);
    for (const auto what : {source_door::outcome::placed, source_door::outcome::dead, source_door::outcome::retried})
      counters_.at(static_cast<std::size_t>(what)) =
        messages->get_or_add({{"source", name_}, {"outcome", std::string{name_of(what)}}});
    connected_ =
      registry
        .gauge_family("waybill.source", "connected", {"source"}, "1 while messages can be taken from the queue.", "1")
        ->get_or_add({{"source", name_}});
    waiting_ = registry
                 .gauge_family("waybill.source", "waiting", {"source"},
                               "Messages in the queue that no node has taken, when the broker last said it.", "1")
                 ->get_or_add({{"source", name_}});
  }

  void on_connection(bool is_connected) override { connected_->value(is_connected ? 1 : 0); }

  void on_problem(const std::string& why) override {
    const std::lock_guard guard{mutex_};
    problem_ = why;
  }

  void on_outcome(source_door::outcome what) override { counters_.at(static_cast<std::size_t>(what))->inc(); }

  void on_waiting(std::uint64_t count) override { waiting_->value(static_cast<std::int64_t>(count)); }

  [[nodiscard]] const std::string& name() const noexcept { return name_; }

  [[nodiscard]] source_condition condition() const {
    const std::lock_guard guard{mutex_};
    return {name_, connected_->value() != 0, problem_};
  }

private:
  const std::string name_;
  std::array<caf::telemetry::int_counter*, 3> counters_{};
  caf::telemetry::int_gauge* connected_ = nullptr;
  caf::telemetry::int_gauge* waiting_ = nullptr;
  mutable std::mutex mutex_;
  std::string problem_;
};

node_sources::node_sources(caf::actor_system& sys, const node_config& config) : config_{config} {
  for (const auto& queue : config.sources.queues)
    watches_.push_back(std::make_shared<watch>(sys, to_string(queue)));
}

node_sources::~node_sources() = default;

void node_sources::start(const std::shared_ptr<grpc_door::gateway_port>& gateway) {
  auto settings = config_.sources.consumers;
  settings.name = config_.node_name();
  // Who runs the node chooses the queues.
  settings.connections.targets = outbound::target_policy::any;
  for (std::size_t i = 0; i < watches_.size(); ++i) {
    auto make = [queue = config_.sources.queues[i], settings](brokers::stop_flag stop) {
      return brokers::make_consumer(queue, settings, std::move(stop));
    };
    sources_.push_back(std::make_unique<source_door::source>(watches_[i]->name(), std::move(make),
                                                             make_placer(gateway, config_.sources.key),
                                                             config_.sources.pauses, watches_[i]));
  }
}

std::vector<source_condition> node_sources::conditions() const {
  std::vector<source_condition> all;
  for (const auto& each : watches_)
    all.push_back(each->condition());
  return all;
}

void node_sources::request_stop() {
  for (const auto& each : sources_)
    each->request_stop();
}

void node_sources::join(milliseconds limit) {
  for (const auto& each : sources_)
    each->join(limit);
  sources_.clear();
}

} // namespace waybill
