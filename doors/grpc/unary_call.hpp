#pragma once

#include "doors/grpc/call_support.hpp"

#include <grpcpp/support/server_callback.h>

#include <memory>

namespace waybill::grpc_door {

/// Answers a call that is one request of HTTP.
::grpc::ServerUnaryReactor* answer_call(const call_environment& with, const binding& by,
                                        ::grpc::CallbackServerContext& call, const ::grpc::ByteBuffer& request,
                                        ::grpc::ByteBuffer& response);

} // namespace waybill::grpc_door
