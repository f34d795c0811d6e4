#pragma once

#include "gateway/context/request_charge.hpp"
#include "gateway/limits/address_limits.hpp"
#include "gateway/routes/router.hpp"
#include "gateway/streams/stream_connection.hpp"
#include "gateway/transport/listener_kind.hpp"
#include "gateway/transport/request_head_check.hpp"
#include "gateway/transport/stream/connection_stream.hpp"
#include "gateway/transport/worker.hpp"

#include <boost/asio/cancellation_signal.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>

#include <functional>
#include <memory>
#include <optional>

namespace waybill::http {

/// How a connection came in.
struct accepted_connection {
  listener_kind kind = listener_kind::clients;
  ip_address peer;
  /// The reason, if it only gets an answer that refuses it.
  std::optional<refusal> refused;
  /// Counts it among the connections of its address, if those are limited.
  std::optional<address_permit> permit;
};

/// One connection: reads requests, has them answered one after the other, or turns into an event stream. The next
/// request is only read when the one before is answered, which bounds pipelining.
class connection final : public stream_connection, public std::enable_shared_from_this<connection> {
public:
  using parser = beast_http::request_parser<beast_http::string_body>;

  connection(worker& owner, tcp_socket socket, accepted_connection accepted);
  ~connection() override;

  /// Serves until the end of the connection.
  static void start(worker& owner, tcp_socket socket, accepted_connection accepted);

  [[nodiscard]] bool is_late(clock::time_point now) const noexcept { return now >= deadline_; }

  /// Ends the wait whose time is over.
  void expire();

  /// Ends the work on a request that only reads, if its client has gone and was given a moment.
  void end_if_abandoned(clock::time_point now);

  /// The gateway shuts down, or the client of a stream has gone. An answer or an event under way is finished.
  void stop() override;
  [[nodiscard]] bool closing() const noexcept override { return closing_; }
  void close() override { stream_.close(); }

  void become_stream(std::function<void()> on_stop) override {
    phase_ = phase::stream;
    on_stop_ = std::move(on_stop);
  }
  task<void> write(std::string_view text) override;
  task<void> read_to_end() override;

  void expires_after(milliseconds limit) override { deadline_ = clock::now() + limit; }
  void expires_never() override { deadline_ = clock::time_point::max(); }

private:
  /// For what a client still sends, or takes, at the end.
  static constexpr milliseconds drain_time{2'000};
  /// How long a connection that was made just before the end may take for its first request.
  static constexpr milliseconds first_request_time{1'000};

  /// A client that has ended its half of the connection may still wait for the answer, for so long.
  static constexpr milliseconds patience_with_the_gone{1'000};
  /// Smaller bodies and answers are not counted: as many as there are connections fit easily.
  static constexpr std::size_t counted_octets = 16 * 1024;

  enum class phase : std::uint8_t { idle, busy, stream };

  task<void> run();
  task<void> refuse();
  /// Begins TLS when the listener has it; false when that failed.
  task<bool> shake_hands();
  /// Reads and answers one request; false when the connection is to end.
  task<bool> serve_request();
  task<void> read_request(parser& in);
  task<std::size_t> read_some();
  /// Waits for the first octets of a request.
  task<void> await_request();
  /// Drops one empty line in front of a request (RFC 9112, section 2.2).
  task<void> skip_empty_line();
  task<void> check_head(parser& in);
  /// Refuses a request before its body is read when it would be refused afterwards.
  void check_body(const parser& in);
  /// Asks for the body for which the client waits, unless it would be refused without looking at it.
  task<void> ask_for_body(const http_message& head);
  void stop_idle();
  [[nodiscard]] bool client_has_gone();
  /// Sends the answer and ends the connection.
  task<void> end_with(const response& answer, const request& req);
  /// Drops what the client is still sending until it has seen the end, so that the answer is not lost to a reset (RFC
  /// 9112, section 9.6).
  task<void> linger();
  request to_request(const http_message& message) const;
  /// Makes the request pay from charge_, where requests pay.
  void begin_charge(request& req);
  /// Nothing when the connection was a stream, which has ended.
  task<std::optional<response>> answer(match& route, request& req, const parser& in);
  task<std::optional<response>> respond(match& route, request& req, const parser& in);
  /// Finds the route and the caller, charges it, and refuses what needs no body to be refused. An answer: that of a
  /// request without a handler.
  task<std::optional<response>> admit(match& route, request& req, const http_message& message);
  task<std::optional<response>> handle(const route& entry, request& req, const http_message& message);

  worker& worker_;
  context& ctx_;
  connection_stream stream_;
  const accepted_connection accepted_;
  /// Of the request under way; none on listeners where nothing is limited.
  std::optional<request_charge> charge_;
  /// Who sends the request under way, which was admitted before its body came.
  std::optional<caller> admitted_;
  boost::beast::flat_buffer buffer_;
  clock::time_point deadline_ = clock::time_point::max();
  phase phase_ = phase::idle;
  /// Counts the octets of a large body that is being read or worked on.
  std::optional<counted> body_;
  /// Since when a request that only reads is under way.
  std::optional<clock::time_point> reading_since_;
  /// Its client has gone.
  bool abandoned_ = false;
  bool expired_ = false;
  bool closing_ = false;
  bool writing_ = false;
  /// A request has come on this connection.
  bool used_ = false;
  net::cancellation_signal signal_;
  std::function<void()> on_stop_;
};

} // namespace waybill::http
