#include "tests/gateway/support/support.hpp"

#include "tests/support/exchanges.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/string.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <boost/json/parse.hpp>

#include <algorithm>
#include <tuple>

#include <sys/socket.h>

namespace waybill::test {

namespace net = boost::asio;
namespace beast = boost::beast;
using tcp = net::ip::tcp;

namespace {

constexpr int patience_seconds = 60;

/// Blocking reads end after a while, so that a test fails rather than hangs.
void connect(tcp::socket& socket, std::uint16_t port, int receive_buffer) {
  socket.open(tcp::v4());
  if (receive_buffer > 0)
    socket.set_option(net::socket_base::receive_buffer_size{receive_buffer});
  const timeval limit{patience_seconds, 0};
  setsockopt(socket.native_handle(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  setsockopt(socket.native_handle(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  socket.connect({net::ip::address_v4::loopback(), port});
}

/// Reads with a limit even though Asio turns blocking reads into poll().
std::size_t receive(tcp::socket& socket, char* to, std::size_t size) {
  const auto n = ::recv(socket.native_handle(), to, size, 0);
  if (n < 0)
    throw std::runtime_error{"nothing came in time"};
  return static_cast<std::size_t>(n);
}

/// The interface that Beast needs of a stream, on top of receive().
struct patient_stream {
  using executor_type = tcp::socket::executor_type;
  tcp::socket socket;

  executor_type get_executor() { return socket.get_executor(); }

  template <class Buffers>
  std::size_t read_some(const Buffers& to, boost::system::error_code& error) {
    const net::mutable_buffer first = *net::buffer_sequence_begin(to);
    if (first.size() == 0)
      return 0;
    const auto n = ::recv(socket.native_handle(), first.data(), first.size(), 0);
    if (n == 0)
      error = net::error::eof;
    else if (n < 0)
      error = net::error::timed_out;
    return n > 0 ? static_cast<std::size_t>(n) : 0;
  }
  template <class Buffers>
  std::size_t read_some(const Buffers& to) {
    boost::system::error_code error;
    const auto n = read_some(to, error);
    if (error)
      throw boost::system::system_error{error};
    return n;
  }
  template <class Buffers>
  std::size_t write_some(const Buffers& from, boost::system::error_code& error) {
    return socket.write_some(from, error);
  }
  template <class Buffers>
  std::size_t write_some(const Buffers& from) {
    return socket.write_some(from);
  }
};

void teardown(beast::role_type, patient_stream& stream, boost::system::error_code& error) {
  stream.socket.close(error);
}

} // namespace

std::string answer::header(std::string_view name) const {
  for (const auto& [key, value] : headers)
    if (beast::iequals(key, name))
      return value;
  return {};
}

boost::json::value answer::json() const {
  boost::system::error_code error;
  return boost::json::parse(body, error);
}

std::string answer::text(std::string_view member) const {
  const auto value = json();
  const auto* object = value.if_object();
  const auto* field = object ? object->if_contains(member) : nullptr;
  return field && field->is_string() ? std::string{field->get_string()} : std::string{};
}

struct connection::impl {
  net::io_context io;
  patient_stream stream{tcp::socket{io}};
  beast::flat_buffer buffer;
  /// The octets that were written since the last answer.
  exchange asked;
  int writes = 0;
};

connection::connection(std::uint16_t port) : impl_(std::make_unique<impl>()) {
  connect(impl_->stream.socket, port, 0);
}

connection::~connection() = default;

void connection::write(std::string_view octets) {
  // Requests that come in pieces, or several at once, are not taken apart here.
  if (impl_->writes++ > 0 || std::count(octets.begin(), octets.end(), '\0') > 0
      || octets.find(" HTTP/1.") != octets.rfind(" HTTP/1."))
    impl_->asked = {};
  else
    std::tie(impl_->asked.method, impl_->asked.target) = request_line(octets);
  net::write(impl_->stream.socket, net::buffer(octets.data(), octets.size()));
}

void connection::end_writing() {
  boost::system::error_code ignored;
  impl_->stream.socket.shutdown(tcp::socket::shutdown_send, ignored);
}

answer connection::read(bool bodiless) {
  beast::http::response_parser<beast::http::string_body> parser;
  parser.skip(bodiless);
  beast::http::read(impl_->stream, impl_->buffer, parser);
  const auto& message = parser.get();
  answer result;
  result.status = message.result_int();
  for (const auto& field : message)
    result.headers.emplace_back(std::string{field.name_string()}, std::string{field.value()});
  result.body = message.body();
  auto& asked = impl_->asked;
  asked.status = result.status;
  asked.headers = result.headers;
  asked.body = result.body;
  record(asked);
  asked = {};
  impl_->writes = 0;
  return result;
}

std::string connection::read_until(std::string_view text) {
  auto all = beast::buffers_to_string(impl_->buffer.data());
  while (all.find(text) == std::string::npos) {
    std::array<char, 4096> part{};
    const auto n = receive(impl_->stream.socket, part.data(), part.size());
    if (n == 0)
      throw std::runtime_error{"ended before it came: " + std::string{text}};
    all.append(part.data(), n);
  }
  impl_->buffer.clear();
  return all;
}

std::string connection::read_to_end() {
  auto all = beast::buffers_to_string(impl_->buffer.data());
  impl_->buffer.clear();
  std::array<char, 4096> part{};
  while (const auto n = receive(impl_->stream.socket, part.data(), part.size()))
    all.append(part.data(), n);
  return all;
}

bool connection::ended() {
  char octet = 0;
  try {
    return impl_->buffer.size() == 0 && receive(impl_->stream.socket, &octet, 1) == 0;
  } catch (const std::exception&) {
    return errno == ECONNRESET;
  }
}

answer connection::send(std::string_view method, std::string_view target, std::string_view body,
                        const header_list& headers) {
  std::string text = std::string{method} + ' ' + std::string{target} + " HTTP/1.1\r\nHost: localhost\r\n";
  std::string sent_type;
  for (const auto& [name, value] : headers) {
    text += name + ": " + value + "\r\n";
    if (beast::iequals(name, "Content-Type"))
      sent_type = value;
  }
  if (sent_type.empty() && !body.empty()) {
    sent_type = "application/json";
    text += "Content-Type: application/json\r\n";
  }
  if (!body.empty())
    text += "Content-Length: " + std::to_string(body.size()) + "\r\n";
  write(text + "\r\n" + std::string{body});
  impl_->asked.method = method;
  impl_->asked.target = target;
  impl_->asked.request_type = sent_type;
  impl_->asked.request_body = body;
  return read(method == "HEAD");
}

struct web_socket::impl {
  net::io_context io;
  beast::websocket::stream<patient_stream> stream{patient_stream{tcp::socket{io}}};
};

web_socket::web_socket(std::uint16_t port, const header_list& headers, int receive_buffer)
  : impl_(std::make_unique<impl>()) {
  connect(impl_->stream.next_layer().socket, port, receive_buffer);
  impl_->stream.set_option(beast::websocket::stream_base::decorator([&](beast::websocket::request_type& request) {
    request.set(beast::http::field::sec_websocket_protocol, "waybill.v1");
    for (const auto& [name, value] : headers)
      request.set(name, value);
  }));
  impl_->stream.handshake("127.0.0.1:1", "/v1/ws");
}

web_socket::~web_socket() = default;

void web_socket::send(std::string_view text) {
  impl_->stream.write(net::buffer(text.data(), text.size()));
}

boost::json::value web_socket::read() {
  beast::flat_buffer buffer;
  boost::system::error_code error;
  impl_->stream.read(buffer, error);
  if (error)
    return boost::json::value{boost::json::object_kind};
  const auto text = beast::buffers_to_string(buffer.data());
  record_frame(text);
  return boost::json::parse(text);
}

unsigned web_socket::read_close_code() {
  boost::system::error_code error;
  while (!error) {
    beast::flat_buffer buffer;
    impl_->stream.read(buffer, error);
  }
  return impl_->stream.reason().code;
}

} // namespace waybill::test
