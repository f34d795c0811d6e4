#include "domain/json/utf8.hpp"
#include "gateway/streams/subscription_frame.hpp"
#include "gateway/streams/websocket_stream.hpp"
#include "tests/fuzz/target.hpp"

#include <boost/beast/_experimental/test/stream.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket/stream.hpp>

using namespace waybill;
using namespace waybill::http;

namespace {

namespace beast = boost::beast;

/// The handshake is always the same and no part of the input.
beast::http::request<beast::http::empty_body> upgrade() {
  beast::http::request<beast::http::empty_body> request{beast::http::verb::get, "/v1/ws", 11};
  request.set(beast::http::field::host, "localhost");
  request.set(beast::http::field::connection, "upgrade");
  request.set(beast::http::field::upgrade, "websocket");
  request.set(beast::http::field::sec_websocket_version, "13");
  request.set(beast::http::field::sec_websocket_key, "AAAAAAAAAAAAAAAAAAAAAA==");
  return request;
}

/// Does with a message what the gateway does: reads a subscription, or a list of errors.
void look_at(std::string_view text) {
  fuzz::require(text.size() <= largest_frame);
  const auto frame = parse_json(text);
  if (!frame || !frame->is_object())
    return;
  std::vector<field_error> errors;
  const auto asked = read_subscription_frame(*frame, errors);
  if (!errors.empty())
    return;
  fuzz::require(!asked.id.empty() && asked.filter.types.size() <= 16);
  fuzz::require(is_utf8(asked.id) && is_utf8(asked.filter.order) && is_utf8(asked.filter.customer));
}

} // namespace

/// Octets after a WebSocket's handshake: frames and their content.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  look_at(fuzz::view(data, std::min(size, largest_frame)));
  static net::io_context io;
  static const auto handshake = upgrade();
  beast::test::stream server{io};
  beast::test::stream client{io};
  server.connect(client);
  beast::websocket::stream<beast::test::stream&> socket{server};
  socket.read_message_max(largest_frame);
  error_code error;
  socket.accept(handshake, error);
  fuzz::require(!error);
  server.append({reinterpret_cast<const char*>(data), size});
  client.close();
  for (int messages = 0; !error && messages < 64; ++messages) {
    beast::flat_buffer buffer;
    socket.read(buffer, error);
    if (!error && socket.got_text())
      look_at(beast::buffers_to_string(buffer.data()));
  }
  return 0;
}
