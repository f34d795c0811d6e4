#include "doors/grpc/services.hpp"

#include "doors/grpc/streams/notification_call.hpp"
#include "doors/grpc/streams/subscription_calls.hpp"
#include "doors/grpc/unary_call.hpp"
#include "doors/grpc/work_call.hpp"

#include <waybill/v1/delivery_service.pb.h>
#include <waybill/v1/event_service.pb.h>
#include <waybill/v1/notification_service.pb.h>
#include <waybill/v1/order_service.pb.h>
#include <waybill/v1/payment_service.pb.h>
#include <waybill/v1/product_service.pb.h>

#include <google/protobuf/descriptor.h>
#include <grpcpp/impl/codegen/server_callback_handlers.h>
#include <grpcpp/support/server_callback.h>

#include <deque>
#include <string>

namespace waybill::grpc_door {

namespace {

namespace pb = google::protobuf;
using ::grpc::ByteBuffer;
using ::grpc::CallbackServerContext;
using ::grpc::internal::RpcMethod;

std::vector<const pb::FileDescriptor*> service_files() {
  return {v1::PlaceOrderRequest::descriptor()->file(),        v1::GetProductRequest::descriptor()->file(),
          v1::ProcessPaymentRequest::descriptor()->file(),    v1::GetDeliveryRequest::descriptor()->file(),
          v1::ListNotificationsRequest::descriptor()->file(), v1::SubscribeEventsRequest::descriptor()->file()};
}

/// A service whose methods take and give octets: it does what protoc's WithRawCallbackMethod classes do, for all
/// methods of a descriptor.
class bound_service final : public ::grpc::Service {
public:
  bound_service(const pb::ServiceDescriptor& type, std::shared_ptr<const call_environment> with)
    : with_(std::move(with)) {
    for (int i = 0; i < type.method_count(); ++i) {
      const auto& method = *type.method(i);
      names_.push_back('/' + type.full_name() + '/' + method.name());
      bindings_.emplace_back(method);
      AddMethod(new ::grpc::internal::RpcServiceMethod(names_.back().c_str(), kind_of(method), nullptr));
      MarkMethodRawCallback(i, handler_of(bindings_.back()));
    }
  }

private:
  static RpcMethod::RpcType kind_of(const pb::MethodDescriptor& method) {
    if (method.client_streaming())
      return RpcMethod::BIDI_STREAMING;
    return method.server_streaming() ? RpcMethod::SERVER_STREAMING : RpcMethod::NORMAL_RPC;
  }

  ::grpc::internal::MethodHandler* handler_of(const binding& by) const {
    const auto& with = *with_;
    if (by.method().client_streaming())
      return new ::grpc::internal::CallbackBidiHandler<ByteBuffer, ByteBuffer>(
        [&with](CallbackServerContext* call) { return serve_worker(with, *call); });
    if (!by.method().server_streaming())
      return new ::grpc::internal::CallbackUnaryHandler<ByteBuffer, ByteBuffer>(
        [&with, &by](CallbackServerContext* call, const ByteBuffer* request, ByteBuffer* response) {
          return answer_call(with, by, *call, *request, *response);
        });
    const auto answer = stream_of(by.method().name());
    return new ::grpc::internal::CallbackServerStreamingHandler<ByteBuffer, ByteBuffer>(
      [&with, &by, answer](CallbackServerContext* call, const ByteBuffer* request) {
        return answer(with, by, *call, *request);
      });
  }

  static decltype(&answer_subscription) stream_of(const std::string& method) {
    if (method == "WatchOrder")
      return answer_watch;
    return method == "StreamNotifications" ? answer_notifications : answer_subscription;
  }

  std::shared_ptr<const call_environment> with_;
  std::deque<std::string> names_;
  std::deque<binding> bindings_;
};

} // namespace

std::vector<std::unique_ptr<::grpc::Service>> make_services(std::shared_ptr<const call_environment> with) {
  std::vector<std::unique_ptr<::grpc::Service>> services;
  for (const auto* file : service_files())
    for (int i = 0; i < file->service_count(); ++i)
      services.push_back(std::make_unique<bound_service>(*file->service(i), with));
  return services;
}

std::vector<const pb::MethodDescriptor*> all_methods() {
  std::vector<const pb::MethodDescriptor*> methods;
  for (const auto* file : service_files())
    for (int i = 0; i < file->service_count(); ++i)
      for (int j = 0; j < file->service(i)->method_count(); ++j)
        methods.push_back(file->service(i)->method(j));
  return methods;
}

} // namespace waybill::grpc_door
