#pragma once

#include "domain/base/result.hpp"

#include <boost/describe/enum.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// The address of a message broker, without user and password.
namespace waybill::sink {

enum class broker : std::uint8_t { kafka, rabbitmq, redis };
BOOST_DESCRIBE_ENUM(broker, kafka, rabbitmq, redis)

struct server {
  /// A name or an address, without the brackets of IPv6.
  std::string host;
  std::uint16_t port = 0;
  friend bool operator==(const server&, const server&) = default;
};

struct address {
  sink::broker broker = sink::broker::rabbitmq;
  /// By TLS.
  bool secure = false;
  /// Of Kafka one or more, of the others one.
  std::vector<server> servers;
  /// RabbitMQ: the virtual host. Redis: the number of the database. Kafka: empty.
  std::string path;
};

/// `amqp://host:5672/vhost`, `redis://host:6379/0`, `kafka://host:9092,host:9092`; by TLS `amqps://`, `rediss://`,
/// `kafkas://`. Ports, the virtual host (`/`) and the database (0) may be left out. Fails with ec::invalid_argument;
/// for user information, too: it would be shown to whoever may see the sink.
result<address> parse_address(std::string_view text);

/// `host:port`, with brackets around an IPv6 address.
std::string to_string(const server& which);

/// Whether `name` can be an exchange, a topic or the key of a stream: 1 to 249 letters, digits, `.`, `_` and `-`, the
/// names that Kafka takes; a colon as well where the broker is another one.
bool is_destination(broker of, std::string_view name) noexcept;

} // namespace waybill::sink
