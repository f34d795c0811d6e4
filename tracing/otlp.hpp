#pragma once

#include "tracing/span.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

/// OTLP over HTTP in protobuf's binary form (opentelemetry-proto 1.x, collector/trace/v1/trace_service.proto and
/// trace/v1/trace.proto).
namespace waybill::tracing {

/// The body of one ExportTraceServiceRequest: spans of one process. `resource` says which.
std::string encode_request(const attributes& resource, std::span<const span> spans);

/// How many spans an ExportTraceServiceResponse says were rejected; zero for any other text.
std::uint64_t rejected_spans(std::string_view response) noexcept;

} // namespace waybill::tracing
