#pragma once

#include "domain/base/result.hpp"
#include "domain/base/time.hpp"
#include "outbound/http_client.hpp"
#include "tracing/exemplars.hpp"
#include "tracing/span.hpp"
#include "tracing/span_queue.hpp"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace waybill::tracing {

struct tracer_settings {
  /// The collector's URL for traces, `http://host:4318/v1/traces`; empty: tracing is off.
  std::string endpoint = {};
  /// How many of the traces that begin here are sampled, from 0 to 1.
  double ratio = 0.01;
  /// Spans that wait; further ones are dropped.
  std::size_t max_waiting = 8'192;
  /// Spans of one request.
  std::size_t max_batch = 512;
  /// A span waits at most so long for others to go with it.
  milliseconds gather{500};
  /// For one request, from its place in the queue to the last octet of the answer.
  milliseconds timeout{10'000};
  /// A batch that cannot be delivered is tried again after pauses that double, from the first to the longest, and is
  /// dropped in the end.
  milliseconds first_pause{500};
  milliseconds longest_pause{30'000};
  std::size_t max_attempts = 6;
  /// At the end of the process: what waits is sent for so long.
  milliseconds flush{2'000};
};

/// Why a span was not delivered. `queue_full`: spans come faster than the collector takes them. `refused`: the
/// collector said no. `undeliverable`: it could not be reached, or was too busy, until the last attempt or the end.
enum class drop_reason : std::uint8_t { queue_full, refused, undeliverable };
std::string_view name_of(drop_reason reason) noexcept;

/// Told of the fate of spans; called from any thread.
struct tracer_counters {
  std::function<void(std::size_t)> exported = [](std::size_t) {};
  std::function<void(drop_reason, std::size_t)> dropped = [](drop_reason, std::size_t) {};
};

/// Takes spans that have ended and sends them to a collector: OTLP over HTTP, batch by batch, from a thread of its own.
/// It begins the traces of this process. Thread-safe.
class tracer {
public:
  /// `resource` says what process this is; `database` is the `db.system.name` of its commits. Fails with
  /// ec::invalid_argument for an endpoint that is no URL.
  static result<std::shared_ptr<tracer>> start(const tracer_settings& settings, attributes resource,
                                               std::string database, tracer_counters counters);
  ~tracer();
  tracer(const tracer&) = delete;
  tracer& operator=(const tracer&) = delete;

  /// The context of a trace that begins here, sampled by the ratio. Its span has a new id.
  [[nodiscard]] trace_context begin_trace() const;

  /// Takes a span that has ended, or drops it when too many wait. Never blocks for long.
  void add(span item);

  [[nodiscard]] const std::string& database() const noexcept { return database_; }

  /// Of the histograms of this process.
  [[nodiscard]] tracing::exemplars& exemplars() noexcept { return exemplars_; }

  /// Sends what waits, for `flush` at most, and ends the thread. Later spans are dropped.
  void stop();

private:
  using clock = std::chrono::steady_clock;

  tracer(tracer_settings settings, outbound::http_url url, attributes resource, std::string database,
         tracer_counters counters, std::shared_ptr<outbound::http_client> client);
  void run();
  void deliver(std::vector<span> batch);
  /// How long to pause before the next attempt; none when the fate of the batch is decided.
  std::optional<milliseconds> attempt(const std::string& body, std::size_t spans, milliseconds pause);
  void complain(const std::string& reason);

  const tracer_settings settings_;
  const outbound::http_url url_;
  const attributes resource_;
  const std::string database_;
  const tracer_counters counters_;
  tracing::exemplars exemplars_;
  span_queue queue_;
  std::shared_ptr<outbound::http_client> client_;
  /// Set before the queue is closed; read after.
  std::atomic<clock::rep> give_up_at_ = clock::time_point::max().time_since_epoch().count();
  std::optional<clock::time_point> complained_;
  /// The thread has sent all.
  std::promise<void> ended_;
  std::thread thread_;
};

} // namespace waybill::tracing
