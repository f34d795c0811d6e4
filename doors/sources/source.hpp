#pragma once

#include "brokers/consumer.hpp"
#include "doors/sources/outcome.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

/// A source: a queue of a message broker from which orders are taken (docs/adr/0034).
namespace waybill::source_door {

struct order_request {
  /// The idempotency key.
  std::string key;
  std::string content_type;
  /// As of `POST /v1/orders`.
  std::string body;
};

/// Has an order placed. The function that it is given is called once, on any thread, and does not block.
using order_placer = std::function<void(order_request, std::function<void(order_answer)>)>;

/// Makes the consumer of a source.
using consumer_factory = std::function<std::unique_ptr<brokers::consumer>(brokers::stop_flag)>;

/// Is told how a source fares, on its thread.
class source_observer {
public:
  virtual ~source_observer() = default;

  virtual void on_connection(bool is_connected) = 0;
  /// One sentence about what keeps orders from being taken; empty: nothing does any more.
  virtual void on_problem(const std::string& why) = 0;
  virtual void on_outcome(outcome what) = 0;
  /// So many messages wait in the queue, and no node has taken them.
  virtual void on_waiting(std::uint64_t count) = 0;
};

struct source_settings {
  /// Between attempts: to reach the broker, and to place what could not be placed.
  milliseconds first_pause{500};
  milliseconds longest_pause{30'000};
  /// How long the broker is asked for messages at a time.
  milliseconds patience{500};
  /// How often it is asked how many wait.
  milliseconds count_every{2'000};
};

/// Takes orders from one queue, on a thread of its own. A batch of messages is placed as a whole, and settled, before
/// the next one is taken.
class source {
public:
  /// `name` is for log lines. Begins at once.
  source(std::string name, consumer_factory make, order_placer place, const source_settings& settings,
         std::shared_ptr<source_observer> observer);
  /// Leaves at once what is under way.
  ~source();
  source(const source&) = delete;
  source& operator=(const source&) = delete;

  /// Takes no more messages. What is under way is settled; what waits to be tried again stays with the broker.
  void request_stop();

  /// Waits until it has ended; after `limit` what is under way is left to the broker. To be called before the gateway
  /// behind the placer is gone.
  void join(milliseconds limit);

private:
  class loop;
  std::unique_ptr<loop> loop_;
};

} // namespace waybill::source_door
