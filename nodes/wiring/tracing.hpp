#pragma once

#include "nodes/options/config.hpp"
#include "tracing/tracer.hpp"

#include <caf/fwd.hpp>

#include <memory>

namespace waybill {

/// What records the spans of this node and sends them; null when tracing is off. Counts in the metrics of `sys`. Fails
/// as tracer::start.
result<std::shared_ptr<tracing::tracer>> start_tracer(caf::actor_system& sys, const node_config& config);

} // namespace waybill
