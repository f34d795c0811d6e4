#pragma once

#include "brokers/publisher.hpp"

#include <memory>

namespace waybill::brokers {

/// Publishes to a durable topic exchange of RabbitMQ, which is declared: persistent messages, publisher confirms, the
/// type of a message is its routing key. The CloudEvents are JSON in structured mode: their AMQP binding is for AMQP
/// 1.0, this is 0-9-1.
std::unique_ptr<publisher> make_rabbitmq_publisher(target to, const connection_settings& settings, stop_flag stop);

} // namespace waybill::brokers
