#pragma once

#include "doors/grpc/call_support.hpp"

#include <grpcpp/impl/service_type.h>

#include <memory>
#include <vector>

namespace waybill::grpc_door {

/// The services of proto/waybill/v1, each method by its binding.
std::vector<std::unique_ptr<::grpc::Service>> make_services(std::shared_ptr<const call_environment> with);

/// Their methods, and the routes they stand for.
std::vector<const google::protobuf::MethodDescriptor*> all_methods();

} // namespace waybill::grpc_door
