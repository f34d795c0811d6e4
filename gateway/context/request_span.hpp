#pragma once

#include "gateway/http/request.hpp"
#include "tracing/tracer.hpp"

#include <chrono>
#include <string_view>

/// The span of a request, by OpenTelemetry's semantic conventions for HTTP servers.
namespace waybill::http {

/// Sets `req.span` when the request is traced: when its traceparent says so, or, without one, by the ratio. With a null
/// `tracer` only `req.traceparent`.
void begin_trace(request& req, const tracing::tracer* tracer);

/// The request was answered. `route`: method and pattern of its route, or `none`. `req.span` must be set.
void end_span(tracing::tracer& tracer, const request& req, std::string_view route, unsigned status,
              std::chrono::steady_clock::duration took);

} // namespace waybill::http
