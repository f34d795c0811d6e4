#pragma once

#include "doors/grpc/call_support.hpp"

#include <waybill/v1/event.pb.h>

#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/server_callback.h>
#include <grpcpp/support/status.h>

#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace waybill::grpc_door {

using event_reactor = ::grpc::ServerWriteReactor<::grpc::ByteBuffer>;

/// A stream of messages that are made of pages of events. The next page is only asked for when the client has taken the
/// messages of the last one, so that a slow client holds one page. Any thread.
class event_call : public event_reactor, public subscriber, public std::enable_shared_from_this<event_call> {
public:
  explicit event_call(std::shared_ptr<gateway_port> port) : port_(std::move(port)) {}

  void start(http_request request);

  void on_begin() override;
  void on_events(std::vector<std::string> events) override;
  void on_end(http_answer reason) override;
  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override { self_.reset(); }

protected:
  using message_list = std::vector<::grpc::ByteBuffer>;

  /// Whether there is a message before the first event: of a page without events.
  [[nodiscard]] virtual bool shows_beginning() const { return false; }
  /// The messages of a page; nothing: prepared() is called later, on another thread.
  virtual std::optional<message_list> prepare(std::vector<std::string> events) = 0;

  void prepared(message_list messages);
  /// There is no message; the stream ends with this status.
  void failed(::grpc::Status status);
  /// The client takes no more: what is being prepared is in vain.
  [[nodiscard]] bool is_dropped();

  gateway_port& port() noexcept { return *port_; }

private:
  // All under the lock.
  void end(::grpc::Status status);
  void drop();
  void step();

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

/// Sets what the JSON of an event says.
void read_event(const std::string& text, v1::Event& to);

/// A stream that ends at once.
event_reactor* refused_stream(::grpc::Status status);

/// Reads `request` as a Message and starts the stream that `make(message, opening)` gives, a shared_ptr to an
/// event_call; one that is refused when something is wrong with the request.
template <class Message, class Make>
event_reactor* open_stream(const binding& by, ::grpc::CallbackServerContext& call, const ::grpc::ByteBuffer& request,
                           Make make) {
  Message message;
  auto opening = begin_request(call);
  http_answer refusal;
  if (!read_message(request, message))
    return refused_stream(unreadable_message());
  if (!by.make_request(message, opening, refusal))
    return refused_stream(to_status(refusal));
  const auto made = make(message, opening);
  made->start(std::move(opening));
  return made.get();
}

} // namespace waybill::grpc_door
