#include "tests/cluster/chaos/open_stream.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <exception>
#include <mutex>
#include <stdexcept>
#include <thread>

namespace waybill::chaos {

namespace {

using namespace std::chrono_literals;
namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = boost::beast::websocket;
namespace json = boost::json;

std::string text_in(const json::object& from, std::string_view name) {
  const auto* value = from.if_contains(name);
  return value != nullptr && value->is_string() ? std::string{value->as_string()} : std::string{};
}

std::string subscribe_to_log(const std::string& after) {
  return json::serialize(json::value{{"type", "subscribe"}, {"id", "log"}, {"after", after}});
}

} // namespace

struct open_stream::state {
  outbound::http_url url;
  outbound::header_list headers;
  std::string after;
  mutable std::mutex mutex;
  stream_view seen;
  asio::io_context context{1};
  std::jthread thread;

  asio::awaitable<void> run() {
    const asio::ip::tcp::endpoint peer{asio::ip::make_address(url.host), url.port};
    websocket::stream<beast::tcp_stream> stream{context};
    auto& socket = beast::get_lowest_layer(stream);
    socket.expires_after(5s);
    co_await socket.async_connect(peer, asio::use_awaitable);
    socket.expires_never();
    // No pings of ours: the stream is to end by the gateway's will.
    stream.set_option(websocket::stream_base::timeout{13s, websocket::stream_base::none(), false});
    stream.set_option(websocket::stream_base::decorator([this](websocket::request_type& request) {
      for (const auto& [name, value] : headers)
        request.set(name, value);
    }));
    const auto host = url.authority();
    co_await stream.async_handshake(host, "/v1/ws", asio::use_awaitable);
    const auto frame = subscribe_to_log(after);
    co_await stream.async_write(asio::buffer(frame), asio::use_awaitable);
    beast::flat_buffer buffer;
    for (;;) {
      co_await stream.async_read(buffer, asio::use_awaitable);
      take(beast::buffers_to_string(buffer.data()));
      buffer.clear();
    }
  }

  void take(const std::string& text) {
    boost::system::error_code trouble;
    const auto parsed = json::parse(text, trouble);
    const auto* frame = trouble ? nullptr : parsed.if_object();
    if (frame == nullptr)
      return;
    const std::lock_guard guard{mutex};
    const auto type = text_in(*frame, "type");
    if (type == "subscribed")
      seen.begun_at = text_in(*frame, "position");
    else if (type == "error")
      end(text_in(*frame, "code"));
    else if (const auto* event = frame->if_contains("event"); event != nullptr && event->is_object())
      seen.events.push_back({text_in(event->get_object(), "id"), text_in(event->get_object(), "stream"),
                             event->at("version").to_number<std::uint64_t>(),
                             parse_rfc3339(text_in(event->get_object(), "occurred_at")).value_or(timestamp{})});
  }

  /// Under the mutex. The first word counts.
  void end(std::string reason) {
    if (seen.ended)
      return;
    seen.ended = now();
    seen.reason = std::move(reason);
  }
};

open_stream::open_stream(const std::string& gateway, outbound::header_list headers, std::string after)
  : state_{std::make_unique<state>()} {
  const auto server = outbound::parse_api_server(gateway);
  if (!server)
    throw std::runtime_error("no gateway at '" + gateway + "'");
  state_->url = server->url;
  state_->headers = std::move(headers);
  state_->after = std::move(after);
  asio::co_spawn(state_->context, state_->run(), [mine = state_.get()](const std::exception_ptr& problem) {
    const std::lock_guard guard{mine->mutex};
    try {
      if (problem)
        std::rethrow_exception(problem);
    } catch (const std::exception& why) {
      mine->end(why.what());
    }
  });
  state_->thread = std::jthread{[mine = state_.get()] { mine->context.run(); }};
}

open_stream::~open_stream() {
  state_->context.stop();
}

stream_view open_stream::look() const {
  const std::lock_guard guard{state_->mutex};
  return state_->seen;
}

} // namespace waybill::chaos
