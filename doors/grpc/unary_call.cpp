#include "doors/grpc/unary_call.hpp"

#include "doors/grpc/status.hpp"

#include <google/protobuf/descriptor.h>

#include <mutex>
#include <utility>

namespace waybill::grpc_door {

namespace {

/// Lives until gRPC is done with it and the gateway has answered.
class unary_call final : public ::grpc::ServerUnaryReactor, public std::enable_shared_from_this<unary_call> {
public:
  unary_call(const binding& by, ::grpc::ByteBuffer& response) : binding_(by), response_(response) {}

  void start(gateway_port& port, const ::grpc::CallbackServerContext& call, const ::grpc::ByteBuffer& octets) {
    self_ = shared_from_this();
    auto request = begin_request(call);
    http_answer refusal;
    {
      google::protobuf::Arena arena;
      auto& message = *make_message(*binding_.method().input_type(), arena);
      if (!read_message(octets, message))
        return Finish(unreadable_message());
      if (!binding_.make_request(message, request, refusal))
        return Finish(to_status(refusal));
    }
    auto running =
      port.send(std::move(request), [self = self_](http_answer answer) { self->finish(std::move(answer)); });
    const std::lock_guard guard{mutex_};
    running_ = std::move(running);
    if (cancelled_)
      running_->cancel();
  }

  void OnCancel() override {
    const std::lock_guard guard{mutex_};
    cancelled_ = true;
    if (running_)
      running_->cancel();
  }

  void OnDone() override { self_.reset(); }

private:
  void finish(http_answer answer) {
    auto status = to_status(answer);
    if (status.ok()) {
      google::protobuf::Arena arena;
      auto& message = *make_message(*binding_.method().output_type(), arena);
      binding_.read_answer(answer, message);
      response_ = to_buffer(message);
    }
    Finish(std::move(status));
  }

  const binding& binding_;
  ::grpc::ByteBuffer& response_;
  /// gRPC's share, until OnDone.
  std::shared_ptr<unary_call> self_;
  std::mutex mutex_;
  std::shared_ptr<running_request> running_;
  bool cancelled_ = false;
};

} // namespace

::grpc::ServerUnaryReactor* answer_call(const call_environment& with, const binding& by,
                                        ::grpc::CallbackServerContext& call, const ::grpc::ByteBuffer& request,
                                        ::grpc::ByteBuffer& response) {
  const auto made = std::make_shared<unary_call>(by, response);
  made->start(*with.port, call, request);
  return made.get();
}

} // namespace waybill::grpc_door
