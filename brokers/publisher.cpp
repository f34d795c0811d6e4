#include "brokers/publisher.hpp"

#include "brokers/kafka.hpp"
#include "brokers/rabbitmq.hpp"
#include "brokers/redis.hpp"
#include "domain/base/errors.hpp"
#include "outbound/address_policy.hpp"

#include <utility>

namespace waybill::brokers {

result<void> check_target(const sink::address& address, outbound::target_policy policy) {
  if (policy == outbound::target_policy::any)
    return {};
  if (!address.secure)
    return failure{ec::invalid_argument, "must be by TLS: amqps:// or kafkas://"};
  for (const auto& server : address.servers) {
    const auto literal = outbound::address_in(server.host);
    if (literal ? !outbound::is_public(*literal) : outbound::is_private_name(server.host))
      return failure{ec::invalid_argument, server.host + " is not of the public internet"};
  }
  return {};
}

std::unique_ptr<publisher> make_publisher(target to, const publisher_settings& settings, stop_flag stop) {
  switch (to.address.broker) {
    case sink::broker::kafka: return make_kafka_publisher(std::move(to), settings, std::move(stop));
    case sink::broker::redis: return make_redis_publisher(std::move(to), settings, std::move(stop));
    case sink::broker::rabbitmq: break;
  }
  return make_rabbitmq_publisher(std::move(to), settings, std::move(stop));
}

} // namespace waybill::brokers
