#pragma once

#include "outbound/http_client.hpp"
#include "tracing/tracer.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>

/// The spans of HTTP calls that actors make, by OpenTelemetry's semantic conventions for HTTP clients.
namespace waybill {

/// Adds the traceparent to `request` and begins the span of the call, if the trace is sampled. A trace that is not is
/// told to the server as well, so that it records nothing either. With a null `tracer`: nothing.
std::optional<tracing::span> begin_client_span(const std::shared_ptr<tracing::tracer>& tracer,
                                               std::string_view traceparent, std::string name,
                                               outbound::http_request& request);

/// The call has this answer.
void end_client_span(tracing::tracer& tracer, tracing::span span, const outbound::http_result& answer);

} // namespace waybill
