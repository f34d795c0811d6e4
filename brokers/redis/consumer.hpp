#pragma once

#include "brokers/consumer.hpp"

#include <memory>

namespace waybill::brokers {

/// Takes the entries of a stream of Redis (6.2 or newer), as one of a consumer group: the field `order` is the body,
/// `id` the id, without one the stream and the entry's own. A dead letter is an entry of another stream with all fields
/// and `entry`, `problem`, `code` and `status`; it is added in the transaction that acknowledges.
std::unique_ptr<consumer> make_redis_consumer(queue_address from, const consumer_settings& settings, stop_flag stop);

} // namespace waybill::brokers
