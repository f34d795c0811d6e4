#pragma once

#include "brokers/settings.hpp"
#include "domain/base/result.hpp"
#include "domain/base/time.hpp"
#include "domain/sink/address.hpp"

#include <span>
#include <string>
#include <string_view>

namespace waybill::brokers {

/// The media type of `message::body`: CloudEvents 1.0, JSON event format, structured mode.
inline constexpr std::string_view content_type = "application/cloudevents+json; charset=UTF-8";

struct message {
  /// The same whenever the message is published again.
  std::string id;
  std::string type;
  /// Messages of one key keep their order.
  std::string key;
  timestamp at;
  /// A CloudEvent as JSON.
  std::string body;
};

struct target {
  sink::address address;
  /// The exchange, the topic, or the key of the stream.
  std::string destination;
  /// Empty: none.
  std::string user;
  std::string password;
};

/// Publishes to one broker over one connection, which is made when it is needed. Blocks; for one thread at a time.
class publisher {
public:
  publisher() = default;
  virtual ~publisher() = default;
  publisher(const publisher&) = delete;
  publisher& operator=(const publisher&) = delete;

  /// Publishes the messages in their order and waits until the broker has confirmed them all: they are as durable as
  /// what is behind the destination. On a failure (ec::unavailable; ec::shutting_down when it was stopped) any part of
  /// them may have been published; the connection is closed, and the batch must be published again before anything
  /// else, so that the first copies of all messages are in order. No failure has the password.
  virtual result<void> publish(std::span<const message> batch) = 0;
};

/// Checks what can be checked without resolving names. Fails with ec::invalid_argument for an address that the policy
/// forbids.
result<void> check_target(const sink::address& address, outbound::target_policy policy);

} // namespace waybill::brokers
