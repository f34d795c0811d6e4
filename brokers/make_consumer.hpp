#pragma once

#include "brokers/consumer.hpp"

#include <memory>

namespace waybill::brokers {

/// The consumer for the broker of an address. Connects to nothing yet.
std::unique_ptr<consumer> make_consumer(queue_address from, const consumer_settings& settings, stop_flag stop);

} // namespace waybill::brokers
