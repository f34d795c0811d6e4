#pragma once

#include "brokers/consumer.hpp"

#include <memory>

namespace waybill::brokers {

/// Takes messages from a queue of RabbitMQ. Their id is the property `message_id`. A dead letter is the message with
/// the headers `x-waybill-problem`, `x-waybill-code` and `x-waybill-status`, published with confirms before the message
/// is acknowledged.
std::unique_ptr<consumer> make_rabbitmq_consumer(queue_address from, const consumer_settings& settings, stop_flag stop);

} // namespace waybill::brokers
