#include "brokers/make_publisher.hpp"

#include "brokers/kafka.hpp"
#include "brokers/rabbitmq/publisher.hpp"
#include "brokers/redis/publisher.hpp"

#include <utility>

namespace waybill::brokers {

std::unique_ptr<publisher> make_publisher(target to, const connection_settings& settings, stop_flag stop) {
  switch (to.address.broker) {
    case sink::broker::kafka: return make_kafka_publisher(std::move(to), settings, std::move(stop));
    case sink::broker::redis: return make_redis_publisher(std::move(to), settings, std::move(stop));
    case sink::broker::rabbitmq: break;
  }
  return make_rabbitmq_publisher(std::move(to), settings, std::move(stop));
}

} // namespace waybill::brokers
