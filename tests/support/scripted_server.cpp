#include "tests/support/scripted_server.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>

#include <algorithm>
#include <atomic>
#include <exception>
#include <sstream>
#include <thread>
#include <vector>

namespace waybill::testing {

namespace asio = boost::asio;
namespace http = boost::beast::http;

class scripted_server::impl {
public:
  explicit impl(script play) : play_(std::move(play)), acceptor_(context_, {asio::ip::address_v4::loopback(), 0}) {
    asio::co_spawn(context_, accept(), asio::detached);
    thread_ = std::thread{[this] { context_.run(); }};
  }

  ~impl() {
    context_.stop();
    thread_.join();
  }

  [[nodiscard]] std::uint16_t port() const { return acceptor_.local_endpoint().port(); }
  [[nodiscard]] int connections() const { return connections_; }
  [[nodiscard]] int requests() const { return requests_; }

  void push(const std::string& text) {
    boost::system::error_code ignored;
    for (auto& stream : streams_)
      asio::write(*stream, asio::buffer(text), ignored);
  }

private:
  asio::awaitable<void> accept() {
    for (;;) {
      auto peer = co_await acceptor_.async_accept(asio::use_awaitable);
      ++connections_;
      asio::co_spawn(context_, serve(std::move(peer)), asio::detached);
    }
  }

  asio::awaitable<void> serve(asio::ip::tcp::socket peer) {
    try {
      boost::beast::flat_buffer buffer;
      for (;;) {
        http::request<http::string_body> message;
        co_await http::async_read(peer, buffer, message, asio::use_awaitable);
        ++requests_;
        const auto answer = play_(read(message));
        if (answer.hang_up)
          co_return;
        if (answer.silent)
          co_await peer.async_wait(asio::ip::tcp::socket::wait_error, asio::use_awaitable);
        if (answer.stream) {
          streams_.push_back(std::make_shared<asio::ip::tcp::socket>(std::move(peer)));
          push("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n");
          co_return;
        }
        const auto text = encode(answer);
        co_await asio::async_write(peer, asio::buffer(text), asio::use_awaitable);
        if (answer.close_after)
          co_return;
      }
    } catch (const std::exception&) {
      // The client went away.
    }
  }

  static scripted_request read(const http::request<http::string_body>& message) {
    scripted_request request{std::string{message.method_string()}, std::string{message.target()}, message.body(),
                             std::string{message["Idempotency-Key"]}};
    for (const auto& field : message) {
      std::string name{field.name_string()};
      std::ranges::transform(name, name.begin(),
                             [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
      request.headers.by_name.emplace(std::move(name), field.value());
    }
    return request;
  }

  static std::string encode(const scripted_answer& answer) {
    http::response<http::string_body> message;
    message.version(11);
    message.result(answer.status);
    if (answer.replayed)
      message.set("Idempotent-Replayed", "true");
    if (!answer.retry_after.empty())
      message.set("Retry-After", answer.retry_after);
    message.body() = answer.body;
    message.prepare_payload();
    std::ostringstream text;
    text << message;
    return std::move(text).str();
  }

  script play_;
  asio::io_context context_{1};
  asio::ip::tcp::acceptor acceptor_;
  std::vector<std::shared_ptr<asio::ip::tcp::socket>> streams_;
  std::atomic<int> connections_ = 0;
  std::atomic<int> requests_ = 0;
  std::thread thread_;
};

scripted_server::scripted_server(script play) : impl_(std::make_unique<impl>(std::move(play))) {}

scripted_server::~scripted_server() = default;

std::string scripted_server::url() const {
  return "http://127.0.0.1:" + std::to_string(impl_->port());
}

int scripted_server::connections() const {
  return impl_->connections();
}

int scripted_server::requests() const {
  return impl_->requests();
}

void scripted_server::push(const std::string& text) {
  impl_->push(text);
}

} // namespace waybill::testing
