#include "doors/grpc/event_call.hpp"

#include "doors/grpc/message_json.hpp"
#include "doors/grpc/status.hpp"

#include <waybill/v1/event_service.pb.h>
#include <waybill/v1/order_service.pb.h>

#include <boost/json/parse.hpp>

#include <google/protobuf/descriptor.h>

#include <algorithm>
#include <deque>
#include <mutex>
#include <optional>
#include <utility>

namespace waybill::grpc_door {

namespace {

using event_reactor = ::grpc::ServerWriteReactor<::grpc::ByteBuffer>;

void read_event(const std::string& text, v1::Event& to) {
  boost::json::error_code wrong;
  const auto json = boost::json::parse(text, wrong);
  if (!wrong)
    read_object(json, to);
}

/// A stream of messages that are made of pages of events. The next page is only asked for when the client has taken the
/// messages of the last one, so that a slow client holds one page.
class event_call : public event_reactor, public subscriber, public std::enable_shared_from_this<event_call> {
public:
  explicit event_call(std::shared_ptr<gateway_port> port) : port_(std::move(port)) {}

  void start(http_request request) {
    const std::lock_guard guard{mutex_};
    self_ = shared_from_this();
    subscription_ = port_->subscribe(std::move(request), self_);
  }

  void on_begin() override {
    StartSendInitialMetadata();
    const std::lock_guard guard{mutex_};
    if (shows_beginning())
      pages_.emplace_back();
    step();
  }

  void on_events(std::vector<std::string> events) override {
    const std::lock_guard guard{mutex_};
    wants_page_ = true;
    if (!events.empty() && !is_dropped_)
      pages_.push_back(std::move(events));
    step();
  }

  void on_end(http_answer reason) override {
    const std::lock_guard guard{mutex_};
    end(is_problem(reason) ? to_status(reason) : begin_again());
    step();
  }

  void OnWriteDone(bool ok) override {
    const std::lock_guard guard{mutex_};
    is_writing_ = false;
    messages_.pop_front();
    if (!ok)
      drop();
    step();
  }

  void OnCancel() override {
    const std::lock_guard guard{mutex_};
    drop();
    step();
  }

  void OnDone() override { self_.reset(); }

protected:
  using message_list = std::vector<::grpc::ByteBuffer>;

  /// Whether there is a message before the first event: of a page without events.
  [[nodiscard]] virtual bool shows_beginning() const { return false; }
  /// The messages of a page; nothing: prepared() is called later, on another thread.
  virtual std::optional<message_list> prepare(std::vector<std::string> events) = 0;

  void prepared(message_list messages) {
    const std::lock_guard guard{mutex_};
    is_preparing_ = false;
    if (!is_dropped_)
      std::ranges::move(messages, std::back_inserter(messages_));
    step();
  }

  /// There is no message; the stream ends with this status.
  void failed(::grpc::Status status) {
    const std::lock_guard guard{mutex_};
    is_preparing_ = false;
    end(std::move(status));
    step();
  }

  gateway_port& port() noexcept { return *port_; }

private:
  // All under the lock.

  void end(::grpc::Status status) {
    if (!end_)
      end_ = std::move(status);
    if (subscription_)
      subscription_->cancel();
  }

  /// The client takes no more. The subscription has a last word, with which the stream ends.
  void drop() {
    is_dropped_ = true;
    pages_.clear();
    messages_.erase(messages_.begin() + (is_writing_ ? 1 : 0), messages_.end());
    if (subscription_)
      subscription_->cancel();
  }

  /// Begins what is to be done next.
  void step() {
    while (!is_writing_ && !is_preparing_ && !is_finished_) {
      if (!messages_.empty()) {
        is_writing_ = true;
        StartWrite(&messages_.front());
      } else if (!pages_.empty()) {
        auto page = std::move(pages_.front());
        pages_.pop_front();
        auto made = prepare(std::move(page));
        is_preparing_ = !made;
        if (made)
          std::ranges::move(*made, std::back_inserter(messages_));
      } else if (end_) {
        is_finished_ = true;
        Finish(*end_);
      } else {
        if (std::exchange(wants_page_, false))
          subscription_->resume();
        return;
      }
    }
  }

  std::shared_ptr<gateway_port> port_;
  /// gRPC's share, until OnDone.
  std::shared_ptr<event_call> self_;
  std::mutex mutex_;
  std::shared_ptr<running_subscription> subscription_;
  std::deque<std::vector<std::string>> pages_;
  std::deque<::grpc::ByteBuffer> messages_;
  std::optional<::grpc::Status> end_;
  bool is_writing_ = false;
  bool is_preparing_ = false;
  /// The last page was given, and the next one not yet asked for.
  bool wants_page_ = false;
  bool is_dropped_ = false;
  bool is_finished_ = false;
};

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

event_reactor* refused_stream(::grpc::Status status) {
  class refusal final : public event_reactor {
    void OnDone() override { delete this; }
  };
  auto* made = new refusal;
  made->Finish(std::move(status));
  return made;
}

} // namespace

event_reactor* answer_subscription(const call_environment& with, const binding& by, ::grpc::CallbackServerContext& call,
                                   const ::grpc::ByteBuffer& request) {
  v1::SubscribeEventsRequest message;
  auto opening = begin_request(call);
  http_answer refusal;
  if (!read_message(request, message))
    return refused_stream(unreadable_message());
  if (!by.make_request(message, opening, refusal))
    return refused_stream(to_status(refusal));
  const auto made = std::make_shared<subscription_call>(with.port);
  made->start(std::move(opening));
  return made.get();
}

event_reactor* answer_watch(const call_environment& with, const binding& by, ::grpc::CallbackServerContext& call,
                            const ::grpc::ByteBuffer& request) {
  v1::WatchOrderRequest message;
  auto opening = begin_request(call);
  http_answer refusal;
  if (!read_message(request, message))
    return refused_stream(unreadable_message());
  if (!by.make_request(message, opening, refusal))
    return refused_stream(to_status(refusal));
  const auto made = std::make_shared<watch_call>(with.port, opening, message.order_id());
  made->start(std::move(opening));
  return made.get();
}

} // namespace waybill::grpc_door
