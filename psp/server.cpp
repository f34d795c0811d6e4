#include "psp/server.hpp"

#include "domain/base/errors.hpp"
#include "psp/provider.hpp"
#include "transport/endpoint.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>

#include <sstream>
#include <thread>

namespace waybill::psp {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using tcp = asio::ip::tcp;
using error_code = boost::system::error_code;

class server::impl {
public:
  impl(const server_settings& settings, tcp::endpoint address) : settings_(settings), acceptor_(io_, address) {}

  ~impl() {
    io_.stop();
    if (thread_.joinable())
      thread_.join();
    if (client_)
      client_->stop();
  }

  void call_back(outbound::http_url url, webhook_signature::key key, std::shared_ptr<outbound::http_client> client) {
    client_ = client;
    asio::post(io_, [this, url = std::move(url), key = std::move(key), client = std::move(client)] {
      provider_.call_back({io_, url, key, client});
    });
  }

  void run() {
    asio::co_spawn(io_, accept(), asio::detached);
    thread_ = std::thread{[this] { io_.run(); }};
  }

  [[nodiscard]] std::uint16_t port() const { return acceptor_.local_endpoint().port(); }
  [[nodiscard]] const server_settings& settings() const noexcept { return settings_; }

private:
  asio::awaitable<void> accept() {
    for (;;) {
      error_code code;
      auto peer = co_await acceptor_.async_accept(asio::redirect_error(asio::use_awaitable, code));
      if (!code)
        asio::co_spawn(io_, serve(std::move(peer)), asio::detached);
    }
  }

  asio::awaitable<void> serve(tcp::socket peer) {
    boost::beast::flat_buffer buffer;
    error_code code;
    peer.set_option(tcp::no_delay{true}, code);
    for (;;) {
      http::request<http::string_body> request;
      co_await http::async_read(peer, buffer, request, asio::redirect_error(asio::use_awaitable, code));
      if (code)
        co_return;
      const auto answer = provider_.handle(read(request));
      if (answer.wait.count() > 0) {
        asio::steady_timer timer{io_, answer.wait};
        co_await timer.async_wait(asio::use_awaitable);
      }
      if (answer.kind == reply_kind::silence)
        co_await peer.async_wait(tcp::socket::wait_read, asio::redirect_error(asio::use_awaitable, code));
      if (answer.kind == reply_kind::reset)
        peer.set_option(asio::socket_base::linger{true, 0}, code);
      if (answer.kind != reply_kind::answer)
        co_return;
      const auto text = encode(answer, request.keep_alive());
      co_await asio::async_write(peer, asio::buffer(text), asio::redirect_error(asio::use_awaitable, code));
      if (code || !request.keep_alive())
        co_return;
    }
  }

  static provider_request read(const http::request<http::string_body>& message) {
    return {message.method() == http::verb::post, std::string{message.target()},
            std::string{message[http::field::authorization]}, std::string{message["Idempotency-Key"]}, message.body()};
  }

  static std::string encode(const reply& answer, bool keep_alive) {
    http::response<http::string_body> message{static_cast<http::status>(answer.status), 11};
    message.keep_alive(keep_alive);
    message.set(http::field::content_type, "application/json");
    message.body() = answer.body;
    message.prepare_payload();
    std::ostringstream text;
    text << message;
    return std::move(text).str();
  }

  const server_settings settings_;
  asio::io_context io_{1};
  tcp::acceptor acceptor_;
  provider provider_{io_, settings_};
  std::shared_ptr<outbound::http_client> client_;
  std::thread thread_;
};

server::server(std::unique_ptr<impl> made) : impl_(std::move(made)) {}

server::~server() = default;

result<std::unique_ptr<server>> server::start(const server_settings& settings) {
  error_code code;
  const auto address = asio::ip::make_address(settings.address, code);
  if (code)
    return failure{ec::invalid_argument, "'" + settings.address + "' is not an address"};
  std::unique_ptr<impl> made;
  try {
    made = std::make_unique<impl>(settings, tcp::endpoint{address, settings.port});
  } catch (const boost::system::system_error& problem) {
    const bool is_taken = problem.code() == asio::error::address_in_use;
    return failure{ec::unavailable,
                   "cannot listen on " + to_string(endpoint{settings.address, settings.port}) + ": "
                     + (is_taken ? "the port is taken, by another program" : problem.code().message())};
  }
  std::unique_ptr<server> ready{new server{std::move(made)}};
  if (!settings.callback_url.empty())
    if (auto set = ready->call_back(settings.callback_url, settings.callback_secret); set.has_error())
      return set.error();
  ready->impl_->run();
  return ready;
}

result<void> server::call_back(const std::string& url, const std::string& secret) {
  auto target = outbound::parse_http_url(url);
  if (target.has_error())
    return failure{ec::invalid_argument, "the callback's URL: " + target.error().detail};
  const auto keys = webhook_signature::read_keys(secret);
  if (keys.has_error() || keys->empty())
    return failure{ec::invalid_argument, "callbacks need a secret: `whsec_` and 24 to 64 octets in Base64"};
  auto client = outbound::http_client::make({});
  if (client.has_error())
    return client.error();
  impl_->call_back(std::move(*target), keys->front(), std::move(*client));
  return {};
}

std::uint16_t server::port() const noexcept {
  return impl_->port();
}

std::string server::url() const {
  return "http://" + to_string(endpoint{impl_->settings().address, port()});
}

} // namespace waybill::psp
