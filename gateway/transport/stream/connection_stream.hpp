#pragma once

#include "gateway/transport/stream/tls_layer.hpp"

#include <boost/asio/compose.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/core/role.hpp>
#include <boost/beast/websocket/teardown.hpp>

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <utility>

namespace waybill::http {

namespace detail {

/// Repeats one try of the layer until it is done, waiting for the socket in between.
template <class Try>
struct tls_operation {
  tcp_socket& socket;
  Try attempt;
  tls_layer::outcome last = {};
  bool waited = false;
  bool done = false;

  template <class Self>
  void operator()(Self& self, error_code error = {}) {
    if (!done)
      last = error ? tls_layer::outcome{tls_layer::wish::nothing, error, 0} : attempt();
    if (last.wants != tls_layer::wish::nothing) {
      const auto awaited = last.wants == tls_layer::wish::readable ? net::socket_base::wait_type::wait_read
                                                                   : net::socket_base::wait_type::wait_write;
      waited = true;
      socket.async_wait(awaited, std::move(self));
    } else if (!waited && !done) {
      // The handler must not run inside of the function that starts the operation.
      done = true;
      net::post(socket.get_executor(), std::move(self));
    } else {
      self.complete(last.error, last.octets);
    }
  }
};

} // namespace detail

/// The two kinds of connections in one: a socket, or TLS over it. A plain one costs a branch for each operation. Meets
/// Beast's AsyncStream; one read and one write may be under way at once.
class connection_stream {
public:
  using executor_type = executor;

  explicit connection_stream(tcp_socket socket) : socket_(std::move(socket)) {}
  connection_stream(connection_stream&&) = delete;
  connection_stream& operator=(connection_stream&&) = delete;

  /// From here on all is TLS, beginning with the handshake.
  void secure(SSL_CTX& context) { tls_.emplace(socket_, context); }
  [[nodiscard]] bool is_secure() const noexcept { return tls_.has_value(); }
  [[nodiscard]] const std::string& reason() const noexcept { return tls_->reason(); }

  executor_type get_executor() { return socket_.get_executor(); }
  tcp_socket& socket() noexcept { return socket_; }

  template <class Token>
  auto async_handshake(Token&& token) {
    return start([this] { return tls_->shake_hands(); }, std::forward<Token>(token));
  }

  template <class Buffers, class Token>
  auto async_read_some(const Buffers& to, Token&& token) {
    return net::async_initiate<Token, void(error_code, std::size_t)>(
      [this](auto handler, const Buffers& buffers) {
        if (!tls_)
          return socket_.async_read_some(buffers, std::move(handler));
        const auto into = first_of<net::mutable_buffer>(buffers);
        start([this, into] { return into.size() == 0 ? tls_layer::outcome{} : tls_->read(into.data(), into.size()); },
              std::move(handler));
      },
      token, to);
  }

  template <class Buffers, class Token>
  auto async_write_some(const Buffers& from, Token&& token) {
    return net::async_initiate<Token, void(error_code, std::size_t)>(
      [this](auto handler, const Buffers& buffers) {
        if (!tls_)
          return socket_.async_write_some(buffers, std::move(handler));
        start_write(buffers, std::move(handler));
      },
      token, from);
  }

  /// Nothing more is sent.
  void shutdown_send() {
    if (tls_)
      tls_->say_end();
    error_code ignored;
    socket_.shutdown(tcp_socket::shutdown_send, ignored);
  }

  void close() {
    if (tls_ && socket_.is_open())
      tls_->say_end();
    error_code ignored;
    socket_.close(ignored);
  }

private:
  /// What TLS puts into one record at most.
  static constexpr std::size_t record = 16 * 1024;

  template <class Try, class Token>
  auto start(Try attempt, Token&& token) {
    return net::async_compose<Token, void(error_code, std::size_t)>(
      detail::tls_operation<Try>{socket_, std::move(attempt)}, token, socket_);
  }

  template <class Buffer, class Buffers>
  static Buffer first_of(const Buffers& all) {
    for (auto at = net::buffer_sequence_begin(all); at != net::buffer_sequence_end(all); ++at)
      if (const Buffer buffer{*at}; buffer.size() > 0)
        return buffer;
    return {};
  }

  /// Several small buffers become one record: the head and the text of a frame should not travel apart.
  template <class Buffers, class Handler>
  void start_write(const Buffers& buffers, Handler handler) {
    const auto first = first_of<net::const_buffer>(buffers);
    const auto all = net::buffer_size(buffers);
    if (first.size() == all || first.size() >= record) {
      start(
        [this, first] { return first.size() == 0 ? tls_layer::outcome{} : tls_->write(first.data(), first.size()); },
        std::move(handler));
      return;
    }
    auto gathered = std::make_unique<std::array<char, record>>();
    const auto size = net::buffer_copy(net::buffer(*gathered), buffers);
    start([this, text = std::move(gathered), size] { return tls_->write(text->data(), size); }, std::move(handler));
  }

  tcp_socket socket_;
  std::optional<tls_layer> tls_;
};

// How Beast's WebSocket ends connections.

inline void beast_close_socket(connection_stream& on) {
  on.close();
}

inline void teardown(boost::beast::role_type role, connection_stream& on, error_code& error) {
  on.shutdown_send();
  boost::beast::websocket::teardown(role, on.socket(), error);
}

template <class Handler>
void async_teardown(boost::beast::role_type role, connection_stream& on, Handler&& handler) {
  on.shutdown_send();
  boost::beast::websocket::async_teardown(role, on.socket(), std::forward<Handler>(handler));
}

} // namespace waybill::http
