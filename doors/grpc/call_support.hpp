#pragma once

#include "doors/grpc/binding.hpp"
#include "doors/grpc/worker_streams.hpp"

#include <google/protobuf/arena.h>
#include <google/protobuf/message.h>
#include <grpcpp/server_context.h>
#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/status.h>

#include <memory>
#include <string>
#include <string_view>

/// What the calls of every kind have in common.
namespace waybill::grpc_door {

/// What all calls of a server use.
struct call_environment {
  std::shared_ptr<gateway_port> port;
  std::shared_ptr<worker_streams> workers = std::make_shared<worker_streams>();
};

/// The request that a call makes of the gateway, without what its message says: the metadata that are headers in HTTP,
/// the client, the deadline.
http_request begin_request(const ::grpc::CallbackServerContext& call);

/// Of `ipv4:127.0.0.1:50000` and `ipv6:%5B::1%5D:50000`; empty for what has none.
std::string address_in(std::string_view peer);

/// A new message of this type, which lives as long as the arena.
google::protobuf::Message* make_message(const google::protobuf::Descriptor& type, google::protobuf::Arena& arena);

/// False when the octets are no such message.
bool read_message(const ::grpc::ByteBuffer& from, google::protobuf::Message& to);

::grpc::ByteBuffer to_buffer(const google::protobuf::Message& message);

/// INVALID_ARGUMENT for octets that are no message of the method.
::grpc::Status unreadable_message();

/// The status of a stream that ends without a problem.
::grpc::Status begin_again();

} // namespace waybill::grpc_door
