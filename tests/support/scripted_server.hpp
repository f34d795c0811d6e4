#pragma once

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

#include <atomic>
#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

/// A server on a free loopback port, with a thread of its own, that answers what a test tells it to.
namespace waybill::testing {

namespace asio = boost::asio;
namespace beast_http = boost::beast::http;

struct scripted_request {
  std::string method;
  std::string target;
  std::string body;
  std::string idempotency_key;
  beast_http::fields headers = {};
};

struct scripted_answer {
  unsigned status = 200;
  std::string body = "{}";
  bool replayed = false;
  /// Break the connection instead of answering.
  bool hang_up = false;
  /// Say nothing, and leave the connection open.
  bool silent = false;
  /// Close it after the answer, without having said so.
  bool close_after = false;
  /// Answer with a head for a stream without an end; `push` writes to it.
  bool stream = false;
};

class scripted_server {
public:
  using script = std::function<scripted_answer(const scripted_request&)>;

  /// `play` is called on the server's thread only.
  explicit scripted_server(script play)
    : play_(std::move(play)), acceptor_(context_, {asio::ip::address_v4::loopback(), 0}) {
    asio::co_spawn(context_, accept(), asio::detached);
    thread_ = std::thread{[this] { context_.run(); }};
  }
  scripted_server(const scripted_server&) = delete;
  scripted_server& operator=(const scripted_server&) = delete;

  ~scripted_server() {
    context_.stop();
    thread_.join();
  }

  [[nodiscard]] std::string url() const {
    return "http://127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port());
  }
  [[nodiscard]] int connections() const { return connections_; }
  [[nodiscard]] int requests() const { return requests_; }

  /// Writes to all streams; only from the script.
  void push(const std::string& text) {
    boost::system::error_code ignored;
    for (auto& one : streams_)
      asio::write(*one, asio::buffer(text), ignored);
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
        beast_http::request<beast_http::string_body> asked;
        co_await beast_http::async_read(peer, buffer, asked, asio::use_awaitable);
        ++requests_;
        const scripted_request what{std::string{asked.method_string()}, std::string{asked.target()}, asked.body(),
                                    std::string{asked["Idempotency-Key"]}, asked.base()};
        const auto answer = play_(what);
        if (answer.hang_up)
          co_return;
        if (answer.silent)
          co_await peer.async_wait(asio::ip::tcp::socket::wait_error, asio::use_awaitable);
        if (answer.stream) {
          const auto kept = std::make_shared<asio::ip::tcp::socket>(std::move(peer));
          streams_.push_back(kept);
          push("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n");
          co_return;
        }
        beast_http::response<beast_http::string_body> out;
        out.version(11);
        out.result(answer.status);
        if (answer.replayed)
          out.set("Idempotent-Replayed", "true");
        out.body() = answer.body;
        out.prepare_payload();
        co_await beast_http::async_write(peer, out, asio::use_awaitable);
        if (answer.close_after)
          co_return;
      }
    } catch (const std::exception&) {
      // The client went away.
    }
  }

  script play_;
  asio::io_context context_{1};
  asio::ip::tcp::acceptor acceptor_;
  std::vector<std::shared_ptr<asio::ip::tcp::socket>> streams_;
  std::atomic<int> connections_ = 0;
  std::atomic<int> requests_ = 0;
  std::thread thread_;
};

} // namespace waybill::testing
