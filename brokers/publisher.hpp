#pragma once

#include "domain/base/result.hpp"
#include "domain/base/time.hpp"
#include "domain/sink/address.hpp"
#include "outbound/http_messages.hpp"

#include <atomic>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace waybill::brokers {

/// The media type of `message::body`: CloudEvents 1.0, JSON event format, structured mode.
inline constexpr std::string_view content_type = "application/cloudevents+json; charset=UTF-8";

/// Ends what blocks within a quarter of a second, from any thread.
using stop_flag = std::shared_ptr<const std::atomic<bool>>;

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

struct publisher_settings {
  /// For names, TCP, TLS and signing in.
  milliseconds connect_timeout{5'000};
  /// The broker must have confirmed a batch within.
  milliseconds confirm_timeout{15'000};
  /// With `public_only` the connection must be by TLS, and to public addresses.
  outbound::target_policy targets = outbound::target_policy::public_only;
  /// PEM file of the authorities that brokers' certificates are verified with; empty: the system's.
  std::string ca_file;
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
