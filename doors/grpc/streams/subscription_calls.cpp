#include "doors/grpc/streams/subscription_calls.hpp"

#include "doors/grpc/message_json.hpp"
#include "doors/grpc/status.hpp"

#include <waybill/v1/event_service.pb.h>
#include <waybill/v1/order_service.pb.h>

#include <boost/json/parse.hpp>

#include <chrono>
#include <optional>
#include <utility>

namespace waybill::grpc_door {

namespace {

class subscription_call final : public event_call {
public:
  using event_call::event_call;

private:
  std::optional<message_list> prepare(std::vector<std::string> events) override {
    google::protobuf::Arena arena;
    message_list messages;
    for (const auto& event : events) {
      auto& message = *google::protobuf::Arena::CreateMessage<v1::SubscribeEventsResponse>(&arena);
      read_event(event, *message.mutable_event());
      messages.push_back(to_buffer(message));
    }
    return messages;
  }
};

/// Shows the order as it is when the events are known, which is that of the last of them or a later one.
class watch_call final : public event_call {
public:
  watch_call(std::shared_ptr<gateway_port> port, const http_request& opening, const std::string& order)
    : event_call(std::move(port)), look_(opening) {
    look_.target = "/v1/orders/" + percent_encoded(order);
    look_.is_charged = true;
    look_.deadline = std::chrono::steady_clock::time_point::max();
  }

private:
  [[nodiscard]] bool shows_beginning() const override { return true; }

  std::optional<message_list> prepare(std::vector<std::string> events) override {
    const auto self = std::static_pointer_cast<watch_call>(shared_from_this());
    port().send(look_, [self, events = std::move(events)](const http_answer& answer) {
      if (is_problem(answer))
        self->failed(to_status(answer));
      else
        self->prepared(to_messages(answer, events));
    });
    return std::nullopt;
  }

  static message_list to_messages(const http_answer& order, const std::vector<std::string>& events) {
    google::protobuf::Arena arena;
    auto& message = *google::protobuf::Arena::CreateMessage<v1::WatchOrderResponse>(&arena);
    boost::json::error_code wrong;
    read_object(boost::json::parse(order.body, wrong), *message.mutable_order());
    for (const auto& event : events)
      read_event(event, *message.add_events());
    if (!events.empty())
      message.set_position(message.events().rbegin()->position());
    message_list messages;
    messages.push_back(to_buffer(message));
    return messages;
  }

  http_request look_;
};

} // namespace

event_reactor* answer_subscription(const call_environment& with, const binding& by, ::grpc::CallbackServerContext& call,
                                   const ::grpc::ByteBuffer& request) {
  return open_stream<v1::SubscribeEventsRequest>(by, call, request, [&](const auto&, const http_request&) {
    return std::make_shared<subscription_call>(with.port);
  });
}

event_reactor* answer_watch(const call_environment& with, const binding& by, ::grpc::CallbackServerContext& call,
                            const ::grpc::ByteBuffer& request) {
  return open_stream<v1::WatchOrderRequest>(
    by, call, request, [&](const v1::WatchOrderRequest& message, const http_request& opening) {
      return std::make_shared<watch_call>(with.port, opening, message.order_id());
    });
}

} // namespace waybill::grpc_door
