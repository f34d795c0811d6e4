#pragma once

#include "doors/grpc/streams/event_call.hpp"

namespace waybill::grpc_door {

/// Answers a call with the notifications of which the events tell that its request subscribes to, one in each message.
event_reactor* answer_notifications(const call_environment& with, const binding& by,
                                    ::grpc::CallbackServerContext& call, const ::grpc::ByteBuffer& request);

} // namespace waybill::grpc_door
