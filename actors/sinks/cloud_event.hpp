#pragma once

#include "brokers/publisher.hpp"
#include "messages/journal/event_log.hpp"

namespace waybill {

/// The event as a CloudEvent 1.0 in the JSON event format, structured mode, as consumers of brokers see it. `data` is
/// the whole event of API.md. `partitionkey` and `traceparent` are the extensions Partitioning and Distributed Tracing
/// of the specification's documented extensions (cloudevents.io, version 1.0.2).
brokers::message to_cloud_event(const stored_event& event);

} // namespace waybill
