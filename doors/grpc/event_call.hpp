#pragma once

#include "doors/grpc/call_support.hpp"

#include <grpcpp/support/server_callback.h>

namespace waybill::grpc_door {

/// Answers a call with the events that its request subscribes to, one in each message.
::grpc::ServerWriteReactor<::grpc::ByteBuffer>* answer_subscription(const call_environment& with, const binding& by,
                                                                    ::grpc::CallbackServerContext& call,
                                                                    const ::grpc::ByteBuffer& request);

/// Answers a call with an order as it is now, then with the order after each of its changes and the events that changed
/// it.
::grpc::ServerWriteReactor<::grpc::ByteBuffer>* answer_watch(const call_environment& with, const binding& by,
                                                             ::grpc::CallbackServerContext& call,
                                                             const ::grpc::ByteBuffer& request);

} // namespace waybill::grpc_door
