#include "doors/grpc/call_support.hpp"

#include "doors/grpc/status.hpp"

#include <google/protobuf/descriptor.h>
#include <grpc/grpc_security_constants.h>
#include <grpcpp/support/proto_buffer_reader.h>
#include <grpcpp/support/slice.h>

#include <algorithm>
#include <array>
#include <chrono>

namespace waybill::grpc_door {

namespace {

/// Metadata, which gRPC has in small letters, that are taken as the header of the same name.
constexpr auto known_metadata = std::to_array<std::string_view>(
  {"authorization", "idempotency-key", "x-request-id", "traceparent", "x-forwarded-for", "forwarded", "if-match"});

bool is_secure(const ::grpc::CallbackServerContext& call) {
  const auto security = call.auth_context();
  if (!security)
    return false;
  const auto types = security->FindPropertyValues(GRPC_TRANSPORT_SECURITY_TYPE_PROPERTY_NAME);
  return std::ranges::any_of(types, [](const auto& type) { return type == "ssl" || type == "tls"; });
}

} // namespace

std::string address_in(std::string_view peer) {
  const auto scheme = peer.find(':');
  const auto port = peer.rfind(':');
  if (scheme == std::string_view::npos || port <= scheme || !peer.starts_with("ipv"))
    return {};
  std::string address{peer.substr(scheme + 1, port - scheme - 1)};
  for (const std::string_view bracket : {"%5B", "%5D", "[", "]"})
    if (const auto at = address.find(bracket); at != std::string::npos)
      address.erase(at, bracket.size());
  return address;
}

http_request begin_request(const ::grpc::CallbackServerContext& call) {
  http_request made;
  for (const auto& [key, value] : call.client_metadata()) {
    const std::string_view name{key.data(), key.size()};
    if (std::ranges::find(known_metadata, name) != known_metadata.end())
      made.headers.emplace_back(name, std::string{value.data(), value.size()});
  }
  made.peer = address_in(call.peer());
  made.secure = is_secure(call);
  const auto until = call.deadline();
  const auto left = until - std::chrono::system_clock::now();
  // A call without a deadline has one that is farther away than a clock can count.
  if (left < std::chrono::hours{24})
    made.deadline = std::chrono::steady_clock::now() + std::chrono::duration_cast<std::chrono::nanoseconds>(left);
  return made;
}

google::protobuf::Message* make_message(const google::protobuf::Descriptor& type, google::protobuf::Arena& arena) {
  return google::protobuf::MessageFactory::generated_factory()->GetPrototype(&type)->New(&arena);
}

bool read_message(const ::grpc::ByteBuffer& from, google::protobuf::Message& to) {
  // The reader wants a buffer of its own.
  ::grpc::ByteBuffer octets{from};
  ::grpc::ProtoBufferReader reader{&octets};
  return reader.status().ok() && to.ParseFromZeroCopyStream(&reader);
}

::grpc::ByteBuffer to_buffer(const google::protobuf::Message& message) {
  ::grpc::Slice octets{message.ByteSizeLong()};
  message.SerializeWithCachedSizesToArray(const_cast<std::uint8_t*>(octets.begin()));
  return {&octets, 1};
}

::grpc::Status unreadable_message() {
  return to_status(problem_answer(400, "validation_failed", "the octets are no message of this method"));
}

::grpc::Status begin_again() {
  return to_status(problem_answer(503, "unavailable",
                                  "the stream has ended: its token is over, its rights have changed, or the "
                                  "server goes down; begin again behind the last position"));
}

} // namespace waybill::grpc_door
