#include "gateway/transport/websocket_transport.hpp"

#include "gateway/transport/stream/close_code_filter.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket/stream.hpp>

// The only file that compiles Beast's WebSocket.

namespace waybill::http {

namespace {

namespace ws = boost::beast::websocket;

constexpr std::chrono::seconds handshake_time{10};

class beast_websocket final : public websocket_stream {
public:
  beast_websocket(connection_stream& over, const http_message& upgrade, milliseconds idle_timeout)
    : upgrade_(upgrade), filtered_(over), stream_(filtered_) {
    stream_.set_option(ws::stream_base::timeout{handshake_time, idle_timeout, true});
    stream_.read_message_max(largest_frame);
  }

  task<void> accept(const header_list& headers) override {
    stream_.set_option(ws::stream_base::decorator([&headers](ws::response_type& answer) {
      // Without one Beast adds its own name and version.
      answer.set(beast_http::field::server, "waybill");
      for (const auto& [name, value] : headers)
        answer.set(name, value);
    }));
    co_await stream_.async_accept(upgrade_, use_task);
  }

  task<std::optional<message>> read() override {
    buffer_.clear();
    error_code error;
    co_await stream_.async_read(buffer_, net::redirect_error(use_task, error));
    std::optional<message> result;
    if (!error)
      result = message{boost::beast::buffers_to_string(buffer_.data()), stream_.got_text()};
    co_return result;
  }

  task<void> write(std::string_view text) override {
    co_await stream_.async_write(net::buffer(text.data(), text.size()), use_task);
  }

  task<void> close(close_code code) override {
    const ws::close_reason reason{static_cast<ws::close_code>(code)};
    co_await stream_.async_close(reason, use_task);
  }

private:
  const http_message& upgrade_;
  close_code_filter filtered_;
  ws::stream<close_code_filter&> stream_;
  boost::beast::flat_buffer buffer_;
};

} // namespace

std::unique_ptr<websocket_stream> open_websocket(connection_stream& over, const http_message& upgrade,
                                                 milliseconds idle_timeout) {
  if (!ws::is_upgrade(upgrade))
    return nullptr;
  return std::make_unique<beast_websocket>(over, upgrade, idle_timeout);
}

} // namespace waybill::http
