#define CAF_SUITE brokers.queue_address

#include "brokers/queue_address.hpp"
#include "domain/base/errors.hpp"

#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::brokers;

namespace {

/// `URL user password`, or why not.
std::string read(std::string_view url) {
  const auto parsed = parse_queue_address(url);
  if (!parsed) {
    CHECK(parsed.error().code == ec::invalid_argument);
    return "wrong: " + parsed.error().detail;
  }
  return to_string(*parsed) + ' ' + parsed->user + ' ' + parsed->password;
}

bool is_wrong(std::string_view url) {
  return read(url).starts_with("wrong");
}

} // namespace

SCENARIO("URLs of queues are read, with what may be left out") {
  CHECK_EQ(read("amqp://rabbit?queue=orders"), "amqp://rabbit:5672/?queue=orders  ");
  CHECK_EQ(read("amqps://shop:secret@rabbit.example/shop?queue=orders.new"),
           "amqps://rabbit.example:5671/shop?queue=orders.new shop secret");
  CHECK_EQ(read("redis://127.0.0.1?stream=shop:orders"), "redis://127.0.0.1:6379/0?stream=shop:orders&group=waybill  ");
  CHECK_EQ(read("redis://[::1]:7/3?group=tills&stream=orders"), "redis://[::1]:7/3?stream=orders&group=tills  ");
  CHECK_EQ(read("rediss://shop:secret@redis.example/3?stream=orders"),
           "rediss://redis.example:6379/3?stream=orders&group=waybill shop secret");
  CHECK_EQ(read("redis://:secret@127.0.0.1?stream=a"), "redis://127.0.0.1:6379/0?stream=a&group=waybill  secret");
}

SCENARIO("user and password may hold every character, percent-encoded, and are not shown") {
  const auto parsed = parse_queue_address("amqp://a%3Ab:p%40ss%2Fw%20rd%3F@rabbit/?queue=orders");
  REQUIRE(parsed.has_value());
  CHECK_EQ(parsed->user, "a:b");
  CHECK_EQ(parsed->password, "p@ss/w rd?");
  CHECK_EQ(to_string(*parsed), "amqp://rabbit:5672/?queue=orders");
}

SCENARIO("what is no queue is refused, without a word of the URL") {
  for (const auto* url : {"", "amqp://rabbit", "amqp://rabbit?queue=", "amqp://rabbit?stream=orders",
                          "redis://host?queue=orders", "redis://host?stream=orders&group=",
                          "redis://host/x?stream=orders", "kafka://host?queue=orders", "rediss://host?queue=orders",
                          "http://host?queue=orders", "amqp://rabbit?queue=a%20b", "amqp://rabbit?queue=orders&more=1"})
    CHECK(is_wrong(url));
  CHECK(is_wrong("amqp://rabbit?queue=" + std::string(201, 'x')));
  CHECK(!is_wrong("amqp://rabbit?queue=" + std::string(200, 'x')));
  const auto told = read("amqp://shop:swordfish@rabbit?line=orders");
  CHECK(told.find("swordfish") == std::string::npos);
  CHECK_EQ(told, "wrong: takes the parameter queue");
}

SCENARIO("dead letters are beside the queue") {
  CHECK_EQ(dead_letters_of(*parse_queue_address("amqp://rabbit?queue=orders")), "orders.dead");
}
