#pragma once

#include "brokers/publisher.hpp"

#include <memory>

namespace waybill::brokers {

/// Publishes to a topic of Kafka: idempotent producer, all in-sync replicas, the key of a message chooses its
/// partition. The CloudEvents are as in the Kafka Protocol Binding 1.0.2, structured content mode.
std::unique_ptr<publisher> make_kafka_publisher(target to, const connection_settings& settings, stop_flag stop);

} // namespace waybill::brokers
