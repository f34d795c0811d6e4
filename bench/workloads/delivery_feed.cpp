#include "bench/workloads/delivery_feed.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/write.hpp>

#include <algorithm>

namespace asio = boost::asio;

namespace waybill::bench {

namespace {

using error_code = boost::system::error_code;

constexpr std::size_t max_head = 16'384;
constexpr std::size_t max_line = 1U << 20U;

int hex_digit(char c) {
  if (c >= '0' && c <= '9')
    return c - '0';
  if (c >= 'a' && c <= 'f')
    return c - 'a' + 10;
  if (c >= 'A' && c <= 'F')
    return c - 'A' + 10;
  return -1;
}

} // namespace

bool chunk_decoder::feed(std::string_view bytes, std::string& out) {
  while (!bytes.empty()) {
    if (part_ == part::data) {
      const auto take = std::min(left_, bytes.size());
      out.append(bytes.substr(0, take));
      bytes.remove_prefix(take);
      left_ -= take;
      if (left_ == 0)
        part_ = part::end_of_data;
      continue;
    }
    const char c = bytes.front();
    bytes.remove_prefix(1);
    if (c == '\r')
      continue;
    if (part_ == part::end_of_data) {
      if (c != '\n')
        return false;
      part_ = part::size;
    } else if (c == '\n') {
      part_ = left_ == 0 ? part::end_of_data : part::data;
    } else if (part_ == part::size) {
      const auto digit = hex_digit(c);
      if (digit < 0) {
        if (c != ';' && c != ' ')
          return false;
        part_ = part::extension;
      } else {
        left_ = left_ * 16 + static_cast<std::size_t>(digit);
        if (left_ > max_line)
          return false;
      }
    }
  }
  return true;
}

void completed_orders::feed(std::string_view text, const std::function<void(std::string_view)>& completed) {
  static constexpr std::string_view stream = "\"stream\":\"ord_";
  static constexpr std::string_view type = "\"type\":\"order.completed\"";
  while (!text.empty()) {
    const auto end = text.find('\n');
    line_.append(text.substr(0, end));
    if (end == std::string_view::npos) {
      if (line_.size() > max_line)
        line_.clear();
      return;
    }
    text.remove_prefix(end + 1);
    const std::string_view line{line_};
    const auto at = line.find(stream);
    if (line.starts_with("data:") && at != std::string_view::npos && line.find(type) != std::string_view::npos)
      completed(line.substr(at + stream.size() - 4, id_length));
    line_.clear();
  }
}

delivery_feed::delivery_feed(asio::io_context& context, outbound::api_server server,
                             std::function<void(std::string_view)> completed)
  : server_(std::move(server)), socket_(context), resolver_(context), completed_(std::move(completed)) {}

void delivery_feed::start(std::function<void(std::string)> ready) {
  ready_ = std::move(ready);
  const auto& url = server_.url;
  resolver_.async_resolve(url.host, std::to_string(url.port), [this](error_code code, auto addresses) {
    if (code)
      return fail(code.message());
    asio::async_connect(socket_, addresses, [this](error_code failed, const asio::ip::tcp::endpoint&) {
      if (failed)
        return fail(failed.message());
      ask();
    });
  });
}

void delivery_feed::ask() {
  request_ = "GET " + server_.url.below("/v1/events/stream?type=order.completed").target + " HTTP/1.1\r\nHost: "
             + server_.url.authority() + (server_.token.empty() ? "" : "\r\nAuthorization: Bearer " + server_.token)
             + "\r\nAccept: text/event-stream\r\n\r\n";
  asio::async_write(socket_, asio::buffer(request_), [this](error_code code, std::size_t) {
    if (code)
      return fail(code.message());
    read();
  });
}

void delivery_feed::read() {
  socket_.async_read_some(asio::buffer(buffer_), [this](error_code code, std::size_t got) {
    if (code)
      return fail(code.message());
    const std::string_view bytes{buffer_.data(), got};
    if (in_body_) {
      take_body(bytes);
    } else {
      head_.append(bytes);
      take_head();
    }
    if (problem_.empty())
      read();
  });
}

void delivery_feed::take_head() {
  const auto end = head_.find("\r\n\r\n");
  if (end == std::string::npos)
    return head_.size() > max_head ? fail("the event stream's head is too long") : void();
  const auto rest = head_.substr(end + 4);
  head_.resize(end);
  std::transform(head_.begin(), head_.end(), head_.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; });
  if (!head_.starts_with("http/1.1 200"))
    return fail("the event stream answered " + head_.substr(0, head_.find('\r')));
  chunked_ = head_.find("transfer-encoding: chunked") != std::string::npos;
  in_body_ = true;
  if (ready_)
    std::exchange(ready_, {})({});
  take_body(rest);
}

void delivery_feed::take_body(std::string_view bytes) {
  if (!chunked_)
    return parser_.feed(bytes, completed_);
  body_.clear();
  if (!decoder_.feed(bytes, body_))
    return fail("the event stream is not in chunked coding");
  parser_.feed(body_, completed_);
}

void delivery_feed::close() {
  error_code ignored;
  resolver_.cancel();
  socket_.close(ignored);
}

void delivery_feed::fail(const std::string& reason) {
  if (problem_.empty())
    problem_ = reason;
  if (ready_)
    std::exchange(ready_, {})(reason);
}

} // namespace waybill::bench
