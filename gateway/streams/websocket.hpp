#pragma once

#include "gateway/transport/connection.hpp"
#include "messages/journal/event_feed.hpp"

#include <boost/beast/websocket/stream.hpp>

#include <deque>
#include <map>
#include <memory>
#include <string>

namespace boost::json {
class value;
}

namespace waybill::http {

/// A WebSocket with its subscriptions to the event log. One coroutine reads frames, one writes them, one per
/// subscription pulls pages of events; all on the session's thread.
class websocket : public std::enable_shared_from_this<websocket> {
public:
  /// `who` may be nobody yet: then the first frame brings a token.
  websocket(std::shared_ptr<session> on, request asked);
  ~websocket();

  /// Serves until the end. Throws when the handshake fails.
  task<void> run(const beast_http::request<beast_http::string_body>& upgrade);

  /// Says good-bye once the frame that is being written is out.
  void close_with(boost::beast::websocket::close_code code);

private:
  /// An ended subscription may still have its coroutine for a moment.
  struct subscription {
    std::string id;
    read_feed wanted;
    bool from_latest = false;
    bool ended = false;
    net::cancellation_signal signal;
  };
  using subscription_ptr = std::shared_ptr<subscription>;

  task<void> handshake(const beast_http::request<beast_http::string_body>& upgrade);
  task<void> read_frames();
  task<void> write_frames();
  task<void> pump(subscription_ptr what);
  task<bool> find_start(subscription& what);
  task<void> expire(std::string id);

  /// Ends the connection when the token does, or when none comes in time.
  task<void> watch_token();
  /// Says why and closes.
  task<void> turn_away(std::string_view why);
  /// A token in a frame: of somebody new, or a newer one of who is there.
  task<void> authenticate(const boost::json::value& frame);

  task<void> on_frame(std::string_view text);
  task<void> subscribe(const boost::json::value& frame);
  /// Notes what is wrong with the frame in `errors`.
  subscription_ptr read_subscription(const boost::json::value& frame, std::vector<field_error>& errors) const;
  task<void> unsubscribe(const boost::json::value& frame);
  /// A frame that breaks the rules; the third one ends the connection.
  task<void> refuse(std::string_view id, std::string_view code, std::string_view detail);
  task<void> complain(std::string_view id, std::string_view code, std::string_view detail);

  /// Queues a frame; waits while the queue is full.
  task<void> send(std::string frame);
  void end();
  static void end(subscription& what);

  std::shared_ptr<session> on_;
  worker& home_;
  /// What the connection began with; the caller is who is there now.
  request asked_;
  timestamp opened_ = now();
  timer token_end_;
  boost::beast::websocket::stream<connection_stream&> stream_;
  std::map<std::string, subscription_ptr> subscriptions_;
  std::deque<std::string> queue_;
  std::size_t queued_octets_ = 0;
  /// Both are only ever cancelled: they stand for "there is something to write" and "there is room again".
  timer more_;
  timer room_;
  boost::beast::websocket::close_code close_code_ = boost::beast::websocket::close_code::none;
  /// Sent before the connection is closed.
  std::string last_words_;
  int refused_ = 0;
  bool ended_ = false;
};

} // namespace waybill::http
