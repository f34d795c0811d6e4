#include "psp/server.hpp"

#include "domain/base/errors.hpp"
#include "psp/provider.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>

#include <thread>

namespace waybill::psp {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using tcp = asio::ip::tcp;
using error_code = boost::system::error_code;

class server::impl {
public:
  impl(const server_settings& settings, tcp::endpoint where) : settings_(settings), acceptor_(io_, where) {}

  ~impl() {
    io_.stop();
    if (thread_.joinable())
      thread_.join();
    if (client_)
      client_->stop();
  }

  void tell_at(outbound::http_url url, webhook_signature::key key, std::shared_ptr<outbound::http_client> client) {
    client_ = client;
    asio::post(io_, [this, url = std::move(url), key = std::move(key), client = std::move(client)] {
      provider_.tell_to({io_, url, key, client});
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
      const auto answer = provider_.take(read(request));
      if (answer.wait.count() > 0) {
        asio::steady_timer timer{io_, answer.wait};
        co_await timer.async_wait(asio::use_awaitable);
      }
      if (answer.how == end::silence)
        co_await peer.async_wait(tcp::socket::wait_read, asio::redirect_error(asio::use_awaitable, code));
      if (answer.how == end::reset)
        peer.set_option(asio::socket_base::linger{true, 0}, code);
      if (answer.how != end::answer)
        co_return;
      http::response<http::string_body> out{static_cast<http::status>(answer.status), 11};
      out.keep_alive(request.keep_alive());
      out.set(http::field::content_type, "application/json");
      out.body() = answer.body;
      out.prepare_payload();
      co_await http::async_write(peer, out, asio::redirect_error(asio::use_awaitable, code));
      if (code || !request.keep_alive())
        co_return;
    }
  }

  static asked read(const http::request<http::string_body>& from) {
    return {from.method() == http::verb::post, std::string{from.target()},
            std::string{from[http::field::authorization]}, std::string{from["Idempotency-Key"]}, from.body()};
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
    return failure{ec::invalid_argument, "'" + settings.address + "' is no address"};
  std::unique_ptr<impl> made;
  try {
    made = std::make_unique<impl>(settings, tcp::endpoint{address, settings.port});
  } catch (const boost::system::system_error& trouble) {
    return failure{ec::unavailable, "cannot listen: " + trouble.code().message()};
  }
  std::unique_ptr<server> ready{new server{std::move(made)}};
  if (!settings.callback_url.empty())
    if (auto told = ready->call_back(settings.callback_url, settings.callback_secret); told.has_error())
      return told.error();
  ready->impl_->run();
  return ready;
}

result<void> server::call_back(const std::string& url, const std::string& secret) {
  auto where = outbound::parse_http_url(url);
  if (where.has_error())
    return failure{ec::invalid_argument, "the callback's URL: " + where.error().detail};
  const auto keys = webhook_signature::read_keys(secret);
  if (keys.has_error() || keys->empty())
    return failure{ec::invalid_argument, "callbacks need a secret: `whsec_` and 24 to 64 octets in Base64"};
  auto client = outbound::http_client::make({});
  if (client.has_error())
    return client.error();
  impl_->tell_at(std::move(*where), keys->front(), std::move(*client));
  return {};
}

std::uint16_t server::port() const noexcept {
  return impl_->port();
}

std::string server::url() const {
  return "http://" + impl_->settings().address + ':' + std::to_string(port());
}

} // namespace waybill::psp
