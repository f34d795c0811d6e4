#pragma once

#include "doors/grpc/streams/event_call.hpp"

namespace waybill::grpc_door {

/// Answers a call with the events that its request subscribes to, one in each message.
event_reactor* answer_subscription(const call_environment& with, const binding& by, ::grpc::CallbackServerContext& call,
                                   const ::grpc::ByteBuffer& request);

/// Answers a call with an order as it is now, then with the order after each of its changes and the events that changed
/// it.
event_reactor* answer_watch(const call_environment& with, const binding& by, ::grpc::CallbackServerContext& call,
                            const ::grpc::ByteBuffer& request);

} // namespace waybill::grpc_door
