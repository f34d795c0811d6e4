#include "domain/sink/address.hpp"
#include "domain/base/enum_name.hpp"
#include "domain/base/errors.hpp"

#define CAF_SUITE domain.address
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::sink;

namespace {

/// `broker host:port,... path`, or why not.
std::string read(std::string_view text) {
  const auto parsed = parse_address(text);
  if (!parsed) {
    CHECK(parsed.error().code == ec::invalid_argument);
    return "wrong";
  }
  auto shown = std::string{name_of(parsed->broker)} + (parsed->secure ? " secure" : "");
  for (const auto& each : parsed->servers)
    shown += ' ' + to_string(each);
  return shown + ' ' + parsed->path;
}

} // namespace

SCENARIO("addresses of each broker are read, with what may be left out") {
  CHECK_EQ(read("amqp://rabbit"), "rabbitmq rabbit:5672 /");
  CHECK_EQ(read("amqp://rabbit:1/"), "rabbitmq rabbit:1 /");
  CHECK_EQ(read("amqps://rabbit.example/shop"), "rabbitmq secure rabbit.example:5671 shop");
  CHECK_EQ(read("redis://127.0.0.1"), "redis 127.0.0.1:6379 0");
  CHECK_EQ(read("redis://[::1]:7/15"), "redis [::1]:7 15");
  CHECK_EQ(read("rediss://redis.example/2"), "redis secure redis.example:6379 2");
  CHECK_EQ(read("kafka://a,b:2"), "kafka a:9092 b:2 ");
  CHECK_EQ(read("kafkas://a"), "kafka secure a:9093 ");
}

SCENARIO("what is no address is refused, and so is one with a user or a password") {
  for (const auto* text : {"",
                           "amqp",
                           "amqp://",
                           "http://a",
                           "amqp://a:0",
                           "amqp://a:65536",
                           "amqp://a:x",
                           "amqp://a b",
                           "amqp://a,b",
                           "redis://a/b",
                           "redis://a/12345",
                           "kafka://a/topic",
                           "kafka://a/",
                           "kafka://a,,b",
                           "redis://a?b=c",
                           "redisss://a",
                           "rediss://user:secret@a",
                           "amqp://a/%2F",
                           "amqp://user:secret@a",
                           "kafka://user@a",
                           "amqp://[::1",
                           "amqp://[::1]x",
                           "AMQP://a",
                           "amqp://a/b\nc"})
    CHECK_EQ(read(text), "wrong");
  std::string many = "kafka://a";
  for (int i = 0; i < 16; ++i)
    many += ",a";
  CHECK_EQ(read(many), "wrong");
}

SCENARIO("a destination is what the broker takes as a name") {
  CHECK(is_destination(broker::kafka, "waybill.events_1-a"));
  CHECK(!is_destination(broker::kafka, "waybill:events"));
  CHECK(is_destination(broker::redis, "waybill:events"));
  CHECK(!is_destination(broker::rabbitmq, ""));
  CHECK(!is_destination(broker::rabbitmq, "a b"));
  CHECK(is_destination(broker::rabbitmq, std::string(249, 'a')));
  CHECK(!is_destination(broker::rabbitmq, std::string(250, 'a')));
}
