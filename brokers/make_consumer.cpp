#include "brokers/make_consumer.hpp"

#include "brokers/rabbitmq/consumer.hpp"
#include "brokers/redis/consumer.hpp"

#include <utility>

namespace waybill::brokers {

std::unique_ptr<consumer> make_consumer(queue_address from, const consumer_settings& settings, stop_flag stop) {
  if (from.server.broker == sink::broker::redis)
    return make_redis_consumer(std::move(from), settings, std::move(stop));
  return make_rabbitmq_consumer(std::move(from), settings, std::move(stop));
}

} // namespace waybill::brokers
