#include "outbound/websocket_client.hpp"

#include "domain/base/errors.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/websocket/stream.hpp>

namespace waybill::outbound {

namespace {

namespace net = boost::asio;
namespace beast = boost::beast;
namespace websocket = boost::beast::websocket;

result<void> outcome_of(const boost::system::error_code& code) {
  if (!code)
    return {};
  return failure{code == beast::error::timeout ? ec::timed_out : ec::unavailable, code.message()};
}

} // namespace

class websocket_client::impl {
public:
  explicit impl(net::any_io_executor executor) : stream_(std::move(executor)) {}

  net::awaitable<boost::system::error_code> connect(const http_url& url, const header_list& headers,
                                                    milliseconds timeout) {
    boost::system::error_code code;
    auto& socket = beast::get_lowest_layer(stream_);
    net::ip::tcp::resolver resolver{stream_.get_executor()};
    const auto addresses = co_await resolver.async_resolve(url.host, std::to_string(url.port),
                                                           net::redirect_error(net::use_awaitable, code));
    if (code)
      co_return code;
    socket.expires_after(timeout);
    co_await socket.async_connect(addresses, net::redirect_error(net::use_awaitable, code));
    if (code)
      co_return code;
    stream_.set_option(websocket::stream_base::decorator([headers](websocket::request_type& request) {
      for (const auto& [name, value] : headers)
        request.set(name, value);
    }));
    co_await stream_.async_handshake(url.authority(), url.target, net::redirect_error(net::use_awaitable, code));
    socket.expires_never();
    co_return code;
  }

  net::awaitable<boost::system::error_code> send(std::string_view text) {
    boost::system::error_code code;
    co_await stream_.async_write(net::buffer(text), net::redirect_error(net::use_awaitable, code));
    co_return code;
  }

  net::awaitable<boost::system::error_code> receive(std::string& text) {
    boost::system::error_code code;
    co_await stream_.async_read(buffer_, net::redirect_error(net::use_awaitable, code));
    text = beast::buffers_to_string(buffer_.data());
    buffer_.clear();
    co_return code;
  }

private:
  websocket::stream<beast::tcp_stream> stream_;
  beast::flat_buffer buffer_;
};

websocket_client::websocket_client(net::any_io_executor executor)
  : impl_(std::make_unique<impl>(std::move(executor))) {}

websocket_client::~websocket_client() = default;

net::awaitable<result<void>> websocket_client::connect(http_url url, header_list headers, milliseconds timeout) {
  if (url.secure)
    co_return failure{ec::invalid_argument, "only http is spoken here"};
  const auto code = co_await impl_->connect(url, headers, timeout);
  co_return outcome_of(code);
}

net::awaitable<result<void>> websocket_client::send(std::string text) {
  const auto code = co_await impl_->send(text);
  co_return outcome_of(code);
}

net::awaitable<result<std::string>> websocket_client::receive() {
  std::string text;
  const auto code = co_await impl_->receive(text);
  if (code)
    co_return outcome_of(code).error();
  co_return text;
}

} // namespace waybill::outbound
