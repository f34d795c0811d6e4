#pragma once

#include "doors/grpc/call_support.hpp"

#include <grpcpp/support/server_callback.h>

namespace waybill::grpc_door {

/// Serves a worker that takes deliveries: DeliveryService.Work.
::grpc::ServerBidiReactor<::grpc::ByteBuffer, ::grpc::ByteBuffer>* serve_worker(const call_environment& with,
                                                                                ::grpc::CallbackServerContext& call);

} // namespace waybill::grpc_door
