#pragma once

#include "brokers/queue_address.hpp"
#include "brokers/settings.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace waybill::brokers {

/// A message that was taken from a queue, and that the broker keeps until it is settled.
struct received {
  /// By which the broker knows it.
  std::string handle;
  /// Its sender's name for it: the same however often it is sent.
  std::string id;
  /// As its sender says; empty: it does not.
  std::string content_type;
  std::string body;
  /// Why it is no message that could be read; empty: it is one.
  std::string fault;
  /// What else came with it, and stays with it as a dead letter.
  std::vector<std::pair<std::string, std::string>> fields;
};

/// Why a message is a dead letter.
struct rejection {
  /// As a problem (RFC 9457), JSON, some KiB at most.
  std::string problem;
  std::string code;
  unsigned status = 0;
};

struct settlement {
  const received* message = nullptr;
  /// Nothing: it was carried out.
  std::optional<rejection> rejected = std::nullopt;
};

struct consumer_settings {
  connection_settings connections;
  /// Messages that were taken and are not settled.
  std::size_t in_flight = 64;
  /// Redis: by which name this consumer finds its messages again when it is started again.
  std::string name;
  /// Redis: messages that another consumer has taken and not settled for so long are taken from it. RabbitMQ gives
  /// messages of a lost connection to others at once.
  milliseconds claim_after{60'000};
};

/// Takes messages from one queue, over one connection, which is made when it is needed. Blocks; for one thread at a
/// time. Messages come at least once.
class consumer {
public:
  consumer() = default;
  virtual ~consumer() = default;
  consumer(const consumer&) = delete;
  consumer& operator=(const consumer&) = delete;

  /// Connects unless it is connected: makes the queue and that of the dead letters where they are missing. On a failure
  /// (ec::unavailable; ec::shutting_down when it was stopped), here as in the others, the connection is closed, and
  /// messages that are not settled come again. No failure has the password.
  virtual result<void> connect() = 0;

  /// Up to `in_flight` messages, in their order; waits up to `patience` for the first one. Those that came before must
  /// have been settled.
  virtual result<std::vector<received>> receive(milliseconds patience) = 0;

  /// Puts those that are rejected to the dead letters, durably, then takes all of them from the queue. After a failure
  /// a dead letter may be there twice.
  virtual result<void> settle(std::span<const settlement> batch) = 0;

  /// How many messages are in the queue that the broker has given to nobody yet. Nothing when it does not say.
  virtual result<std::optional<std::uint64_t>> count_waiting() = 0;
};

} // namespace waybill::brokers
