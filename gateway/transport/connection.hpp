#pragma once

#include "gateway/routes/router.hpp"
#include "gateway/transport/connection_stream.hpp"
#include "gateway/transport/worker.hpp"

#include <boost/asio/cancellation_signal.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include <functional>
#include <memory>
#include <optional>

namespace waybill::http {

/// How a connection came in.
struct entrance {
  listener_kind kind = listener_kind::clients;
  ip_address peer;
  /// Why it is to be turned away, if it is.
  std::optional<refusal> refused;
  /// Its place among those of its address, if they are counted.
  std::optional<address_place> place;
};

/// One connection: reads requests, has them answered one after the other, or turns into a stream of events. The next
/// request is only read when the one before is answered, which bounds pipelining.
class session : public std::enable_shared_from_this<session> {
public:
  using parser = beast_http::request_parser<beast_http::string_body>;

  session(worker& home, tcp_socket socket, entrance in);
  ~session();

  /// Serves until the end of the connection.
  static void start(worker& home, tcp_socket socket, entrance in);

  [[nodiscard]] bool is_late(clock::time_point now) const noexcept { return now >= deadline_; }

  /// Ends the wait that is late.
  void expire();

  /// The gateway goes down, or the client of a stream has gone. An answer or an event under way is finished.
  void stop();
  [[nodiscard]] bool closing() const noexcept { return closing_; }

  worker& home() noexcept { return home_; }
  connection_stream& stream() noexcept { return stream_; }

  /// From here on there is no answer but a stream, which ends at once on stop() unless it brings its own `act`.
  void become_stream(std::function<void()> act = {}) {
    phase_ = phase::stream;
    on_stop_ = std::move(act);
  }

  /// Writes all of `text` or throws; a client that does not take it within the write time-out is cut off.
  task<void> write(std::string_view text);

  /// Ends the wait under way when `limit` has passed.
  void expires_after(milliseconds limit) { deadline_ = clock::now() + limit; }
  void expires_never() { deadline_ = clock::time_point::max(); }

private:
  /// For what a client still sends, or takes, at the end.
  static constexpr milliseconds drain_time{2'000};
  /// How long a connection that was made just before the end may take for its first request.
  static constexpr milliseconds first_request_time{1'000};

  enum class phase : std::uint8_t { idle, busy, stream };

  task<void> run();
  task<void> refuse();
  /// Makes the connection a TLS one, when its listener is; false when that failed.
  task<bool> shake_hands();
  /// One request and its answer; false when the connection is to end.
  task<bool> serve_one();
  task<void> read_request(parser& in);
  task<std::size_t> read_some();
  /// The first octets of a request.
  task<void> await_request();
  task<void> check_head(parser& in);
  /// Refuses a request before its body is read when it would be refused afterwards.
  void check_body(const parser& in);
  /// Refuses what cannot be served now.
  void check_store(const route& wanted);
  void stop_idle();
  /// Sends the answer and ends the connection.
  task<void> end_with(const response& what, const request& req);
  /// Takes what the client is still sending until it has seen the end, so that the answer is not lost to a reset (RFC
  /// 9112, section 9.6).
  task<void> linger();
  void fill(request& req, const beast_http::request<beast_http::string_body>& from);
  /// Takes one of the caller's tokens; throws a problem with status 429 when there is none.
  void charge(const match& where, const request& req);
  /// Nothing when the connection was a stream, which has ended.
  task<std::optional<response>> answer(match& where, request& req, const parser& in);
  task<void> identify(const match& where, request& req);
  task<std::optional<response>> respond(match& where, request& req, const parser& in);

  worker& home_;
  connection_stream stream_;
  const entrance in_;
  /// What the caller has left after this request.
  rate_limits::verdict spent_;
  boost::beast::flat_buffer buffer_;
  clock::time_point deadline_ = clock::time_point::max();
  phase phase_ = phase::idle;
  /// A large body that is being read or worked on.
  std::optional<buffered_octets> body_;
  bool expired_ = false;
  bool closing_ = false;
  bool writing_ = false;
  /// A request has come on this connection.
  bool used_ = false;
  net::cancellation_signal signal_;
  std::function<void()> on_stop_;
};

/// Serves a stream of Server-Sent Events, or a WebSocket, until its end.
task<void> serve_events(session& on, const request& req);
task<void> serve_websocket(session& on, const request& req,
                           const beast_http::request<beast_http::string_body>& upgrade);

} // namespace waybill::http
