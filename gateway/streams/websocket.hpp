#pragma once

#include "gateway/http/problem.hpp"
#include "gateway/streams/streams.hpp"
#include "messages/journal/event_feed.hpp"

#include <boost/asio/cancellation_signal.hpp>

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>

namespace boost::json {
class value;
}

namespace waybill::http {

/// A WebSocket with its subscriptions to the event log. One coroutine reads frames, one writes them, one per
/// subscription pulls pages of events; all on the connection's thread.
class websocket : public std::enable_shared_from_this<websocket> {
public:
  /// The caller of `opening` may be nobody yet: then the first frame brings a token.
  websocket(std::shared_ptr<stream_connection> connection, context& ctx, request opening,
            std::unique_ptr<websocket_stream> stream);
  ~websocket();

  /// Serves until the end; `headers` go with the answer to the handshake.
  task<void> run(websocket_stream::header_list headers);

  /// Closes the connection after the frame that is being written.
  void close_with(close_code code);

private:
  /// An ended subscription may still have its coroutine for a moment.
  struct subscription {
    std::string id;
    read_feed query;
    bool from_latest = false;
    bool ended = false;
    net::cancellation_signal signal;
    subscriber_permit permit;
    std::optional<counted> count;
  };
  using subscription_ptr = std::shared_ptr<subscription>;

  // -- frames: websocket.cpp
  /// Until the client ends, or the closing frame is to be written.
  task<void> read_frames();
  /// Until the closing frame is answered, or the client has gone; then the WebSocket ends.
  task<void> write_frames();
  task<void> on_frame(std::string_view text);
  task<void> answer_ping(const boost::json::value& frame);
  /// Takes a frame out of the caller's share; zero, or the seconds until there is one again.
  std::uint32_t charge_frame();
  /// Reports a frame that breaks the rules; the third one ends the connection.
  task<void> refuse(std::string_view id, std::string_view code, std::string_view detail);
  /// The same for the first of these errors; false when there is none.
  task<bool> refuse_invalid(std::string_view id, const std::vector<field_error>& errors);
  task<void> complain(std::string_view id, std::string_view code, std::string_view detail);
  /// Queues a frame; waits while the queue is full.
  task<void> send(std::string frame);
  task<void> wait_for_room(std::size_t octets);
  void queue(std::string frame);
  void end();

  // -- subscriptions: websocket_subscriptions.cpp
  task<void> subscribe(const boost::json::value& frame);
  /// Adds what is wrong with the frame to `errors`.
  subscription_ptr read_subscription(const boost::json::value& frame, std::vector<field_error>& errors) const;
  task<void> unsubscribe(const boost::json::value& frame);
  /// Sends the events of a subscription until it ends.
  task<void> send_events(subscription_ptr subscribed);
  /// Finds the position to begin with and confirms the subscription; false when it cannot begin.
  task<bool> find_start(subscription& begun);
  /// Ends a subscription whose next events have been removed: going on would skip them silently.
  task<void> expire(std::string id);
  static void end(subscription& ended);
  /// Ends the subscriptions that show more than the caller may see now, and says so.
  void end_forbidden();

  // -- the caller: websocket_token.cpp
  /// Ends the connection when the token does, or when none comes in time.
  task<void> watch_token();
  /// Sends the reason and closes.
  void refuse_token(std::string_view code, std::string_view detail, close_code closing);
  /// A frame with a token: the first one, or a newer one of the same caller.
  task<void> authenticate(const boost::json::value& frame);
  void replace_caller(caller next);
  /// From now on looks whether the account or key of the caller still has the rights of its token.
  void watch_caller();
  void on_roles(std::optional<role_set> roles);

  std::shared_ptr<stream_connection> connection_;
  context& ctx_;
  /// The request that opened the connection. Its caller follows the latest token, and what is left of its rights.
  request opening_;
  timestamp opened_ = now();
  timer token_end_;
  std::shared_ptr<const caller_watch::listener> watched_;
  std::unique_ptr<websocket_stream> stream_;
  std::map<std::string, subscription_ptr> subscriptions_;
  std::deque<std::string> queue_;
  std::size_t queued_octets_ = 0;
  /// Never expire, only cancelled: they signal "there is a frame to write" and "there is room again".
  timer more_;
  timer room_;
  close_code close_code_ = close_code::none;
  /// The frames in the queue are sent before the connection is closed.
  bool empties_queue_ = false;
  /// Sent before the connection is closed.
  std::string last_frame_;
  int refused_ = 0;
  bool ended_ = false;
};

} // namespace waybill::http
