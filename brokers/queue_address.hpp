#pragma once

#include "domain/base/result.hpp"
#include "domain/sink/address.hpp"

#include <string>
#include <string_view>

namespace waybill::brokers {

/// A queue that messages are taken from.
struct queue_address {
  sink::address server;
  /// Of the queue, or the key of the stream.
  std::string name;
  /// Redis: the consumer group. RabbitMQ: empty.
  std::string group;
  /// Empty: none.
  std::string user;
  std::string password;
};

/// `amqp://user:password@host:5672/vhost?queue=orders`, or `redis://user:password@host:6379/0?stream=orders` with
/// `&group=` where it is not `waybill`; by TLS `amqps://`, `rediss://`. User and password are percent-encoded. Fails
/// with ec::invalid_argument; the reason holds no part of the URL.
result<queue_address> parse_queue_address(std::string_view url);

/// The URL without user and password, and with what may be left out.
std::string to_string(const queue_address& queue);

/// Where messages go that cannot be carried out: `<name>.dead`, beside the queue.
std::string dead_letters_of(const queue_address& queue);

} // namespace waybill::brokers
