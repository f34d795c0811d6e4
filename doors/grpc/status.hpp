#pragma once

#include "doors/grpc/port.hpp"

#include <grpcpp/support/status.h>

#include <string_view>

namespace waybill::grpc_door {

/// The status that stands for a problem (RFC 9457): its code, and in the details, as google.rpc.Status, ErrorInfo with
/// the problem's code in capitals, RetryInfo from Retry-After, BadRequest with what is wrong in which field, and
/// RequestInfo. OK for an answer that is no problem.
::grpc::Status to_status(const http_answer& answer);

/// The status code for a problem's HTTP status and code.
::grpc::StatusCode code_of(unsigned status, std::string_view code) noexcept;

/// The path of a field for a JSON pointer (RFC 6901): `lines[0].quantity` for `/lines/0/quantity`.
std::string field_path(std::string_view pointer);

} // namespace waybill::grpc_door
