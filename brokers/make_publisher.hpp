#pragma once

#include "brokers/publisher.hpp"

#include <memory>

namespace waybill::brokers {

/// The publisher for a broker. Connects to nothing yet.
std::unique_ptr<publisher> make_publisher(target to, const connection_settings& settings, stop_flag stop);

} // namespace waybill::brokers
