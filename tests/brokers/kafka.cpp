#define CAF_SUITE brokers.kafka

#include "brokers/make_publisher.hpp"
#include "domain/base/errors.hpp"

#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <caf/test/bdd_dsl.hpp>

using namespace waybill;

namespace {

constexpr std::int16_t produce_request = 0;

/// Brokers of librdkafka's own, in this process, on the loopback address.
class mock_cluster {
public:
  mock_cluster()
    : host_{::rd_kafka_new(RD_KAFKA_PRODUCER, ::rd_kafka_conf_new(), nullptr, 0)}, cluster_{::rd_kafka_mock_cluster_new(
                                                                                     host_, 3)} {
    ::rd_kafka_mock_topic_create(cluster_, "events", 4, 3);
  }
  ~mock_cluster() {
    ::rd_kafka_mock_cluster_destroy(cluster_);
    ::rd_kafka_destroy(host_);
  }
  mock_cluster(const mock_cluster&) = delete;
  mock_cluster& operator=(const mock_cluster&) = delete;

  std::string servers() const { return ::rd_kafka_mock_cluster_bootstraps(cluster_); }

  void refuse_next_produce(rd_kafka_resp_err_t error, int times) {
    for (int i = 0; i < times; ++i)
      ::rd_kafka_mock_push_request_errors(cluster_, produce_request, 1, error);
  }

  void set_down(bool is_down) {
    for (int broker = 1; broker <= 3; ++broker)
      is_down ? ::rd_kafka_mock_broker_set_down(cluster_, broker) : ::rd_kafka_mock_broker_set_up(cluster_, broker);
  }

  /// The bodies of all messages that are there, by their keys.
  std::map<std::string, std::vector<std::string>> read(std::size_t count) const {
    auto* conf = ::rd_kafka_conf_new();
    const auto set = [&](const char* name, const std::string& value) {
      ::rd_kafka_conf_set(conf, name, value.c_str(), nullptr, 0);
    };
    set("bootstrap.servers", servers());
    set("group.id", "test");
    set("auto.offset.reset", "earliest");
    auto* consumer = ::rd_kafka_new(RD_KAFKA_CONSUMER, conf, nullptr, 0);
    ::rd_kafka_poll_set_consumer(consumer);
    auto* topics = ::rd_kafka_topic_partition_list_new(4);
    for (int i = 0; i < 4; ++i)
      ::rd_kafka_topic_partition_list_add(topics, "events", i)->offset = RD_KAFKA_OFFSET_BEGINNING;
    ::rd_kafka_assign(consumer, topics);
    std::map<std::string, std::vector<std::string>> found;
    std::size_t read = 0;
    for (int quiet = 0; quiet < (read < count ? 100 : 10);) {
      auto* message = ::rd_kafka_consumer_poll(consumer, 100);
      if (message == nullptr) {
        ++quiet;
        continue;
      }
      if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
        ++read;
        found[{static_cast<const char*>(message->key), message->key_len}].emplace_back(
          static_cast<const char*>(message->payload), message->len);
      }
      ::rd_kafka_message_destroy(message);
    }
    ::rd_kafka_topic_partition_list_destroy(topics);
    ::rd_kafka_consumer_close(consumer);
    ::rd_kafka_destroy(consumer);
    return found;
  }

private:
  rd_kafka_t* host_;
  rd_kafka_mock_cluster_t* cluster_;
};

std::vector<brokers::message> batch_of(int first, int count) {
  std::vector<brokers::message> batch;
  for (int i = first; i < first + count; ++i)
    batch.push_back(
      {"evt_" + std::to_string(i), "order.placed", "ord_" + std::to_string(i % 7), now(), std::to_string(i)});
  return batch;
}

std::unique_ptr<brokers::publisher> publisher_to(const mock_cluster& cluster, milliseconds confirm_timeout,
                                                 brokers::stop_flag stop = nullptr) {
  brokers::connection_settings settings;
  settings.targets = outbound::target_policy::any;
  settings.confirm_timeout = confirm_timeout;
  auto address = sink::parse_address("kafka://" + cluster.servers());
  CAF_REQUIRE(address.has_value());
  return brokers::make_publisher({std::move(*address), "events", {}, {}}, settings, std::move(stop));
}

/// The first copies of the messages of each key are in order, and none of `count` is missing.
void check_order(const std::map<std::string, std::vector<std::string>>& found, int count) {
  std::set<int> all;
  for (const auto& [key, bodies] : found) {
    int last = -1;
    for (const auto& body : bodies) {
      const auto number = std::stoi(body);
      if (all.insert(number).second) {
        CHECK(number > last);
        last = number;
      }
      CHECK_EQ(key, "ord_" + std::to_string(number % 7));
    }
  }
  CHECK_EQ(all.size(), static_cast<std::size_t>(count));
}

} // namespace

SCENARIO("what is published is there once, in order by key, also when brokers refuse for a while") {
  mock_cluster cluster;
  auto publisher = publisher_to(cluster, std::chrono::seconds{30});
  CHECK(publisher->publish(batch_of(0, 100)).has_value());
  cluster.refuse_next_produce(RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION, 3);
  CHECK(publisher->publish(batch_of(100, 100)).has_value());
  const auto found = cluster.read(200);
  check_order(found, 200);
  std::size_t copies = 0;
  for (const auto& [key, bodies] : found)
    copies += bodies.size();
  CHECK_EQ(copies, 200u);
}

SCENARIO("a batch that is not confirmed in time fails, and nothing of it is left out when it is published again") {
  mock_cluster cluster;
  auto publisher = publisher_to(cluster, std::chrono::seconds{2});
  CHECK(publisher->publish(batch_of(0, 50)).has_value());
  cluster.set_down(true);
  const auto failed = publisher->publish(batch_of(50, 50));
  CAF_REQUIRE(failed.has_error());
  CHECK(failed.error().code == ec::unavailable);
  CHECK_NE(failed.error().detail.find("has not confirmed"), std::string::npos);
  cluster.set_down(false);
  result<void> again = failure{ec::unavailable, ""};
  for (int i = 0; i < 10 && again.has_error(); ++i)
    again = publisher->publish(batch_of(50, 50));
  CHECK(again.has_value());
  CHECK(publisher->publish(batch_of(100, 50)).has_value());
  check_order(cluster.read(150), 150);
}

SCENARIO("a stop ends a batch that waits for its confirmation") {
  mock_cluster cluster;
  cluster.set_down(true);
  auto stop = std::make_shared<std::atomic<bool>>(true);
  auto publisher = publisher_to(cluster, std::chrono::seconds{60}, stop);
  const auto failed = publisher->publish(batch_of(0, 1));
  CAF_REQUIRE(failed.has_error());
  CHECK(failed.error().code == ec::shutting_down);
}

SCENARIO("without leave, no connection goes to a private address or in the clear") {
  const auto check = [](std::string_view url) {
    return brokers::check_target(sink::parse_address(url).value(), outbound::target_policy::public_only).has_value();
  };
  CHECK(check("kafkas://broker.example.com:9093"));
  CHECK(check("amqps://broker.example.com"));
  CHECK(!check("amqp://broker.example.com"));
  CHECK(check("rediss://broker.example.com"));
  CHECK(!check("redis://broker.example.com"));
  CHECK(!check("rediss://127.0.0.1"));
  CHECK(!check("kafkas://broker.example.com,10.0.0.1"));
  CHECK(!check("amqps://127.0.0.1"));
  CHECK(!check("amqps://[::1]"));
  CHECK(!check("amqps://localhost"));
  CHECK(!check("amqps://rabbitmq"));
}
