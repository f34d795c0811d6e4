#pragma once

#include "brokers/publisher.hpp"

#include <memory>

namespace waybill::brokers {

/// Adds to a stream of Redis: a batch is one transaction of XADD. An entry has the fields `id`, `type`, `key` and
/// `event`, the CloudEvent as JSON; CloudEvents has no binding for Redis.
std::unique_ptr<publisher> make_redis_publisher(target to, const connection_settings& settings, stop_flag stop);

} // namespace waybill::brokers
