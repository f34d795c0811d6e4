#include "outbound/http/exchange.hpp"

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>

#include <algorithm>
#include <optional>
#include <sstream>
#include <string_view>

namespace waybill::outbound {

namespace {

namespace beast = boost::beast;
namespace http = boost::beast::http;
using response_parser = http::response_parser<http::string_body>;

std::string encode(const http_request& request) {
  http::request<http::string_body> message;
  message.version(11);
  message.method_string(request.method);
  message.target(request.url.target);
  message.set(http::field::host, request.url.authority());
  message.set(http::field::user_agent, "waybill/" WAYBILL_VERSION);
  if (!request.body.empty())
    message.set(http::field::content_type, "application/json");
  for (const auto& [name, value] : request.headers)
    message.set(name, value);
  message.body() = request.body;
  message.prepare_payload();
  std::ostringstream text;
  text << message;
  return std::move(text).str();
}

bool is_interim(unsigned status) noexcept {
  return status >= 100 && status < 200;
}

/// Reads one response. Beast parses; the reading is ours, so that its templates are not compiled for each stream.
class response_reader {
public:
  response_reader(connection& server, const http_request& request, const exchange_limits& limits, exchange_state& state)
    : server_(server), bodiless_(request.method == "HEAD"), head_only_(request.head_only), limits_(limits),
      state_(state) {}

  asio::awaitable<error_code> read() {
    error_code code;
    do {
      parser_.emplace();
      in_start_line_ = true;
      if (head_only_)
        parser_->body_limit(boost::none);
      else
        parser_->body_limit(limits_.max_body);
      parser_->header_limit(static_cast<std::uint32_t>(limits_.max_head));
      parser_->skip(bodiless_);
      while (!code && !parser_->is_header_done())
        code = co_await read_and_parse();
      if (code)
        co_return code;
    } while (is_interim(parser_->get().result_int()));
    parser_->eager(true);
    if (head_only_) {
      parse_what_came();
      co_return code;
    }
    while (!code && !parser_->is_done())
      code = co_await read_and_parse();
    co_return code;
  }

  void take_answer() {
    // Octets behind the answer belong to nothing that was asked.
    state_.keep_alive = parser_->is_done() && parser_->keep_alive() && buffer_.size() == 0;
    auto message = parser_->release();
    state_.answer.status = message.result_int();
    for (const auto& field : message)
      state_.answer.headers.emplace_back(std::string{field.name_string()}, std::string{field.value()});
    state_.answer.body = std::move(message.body());
  }

private:
  /// One step: parses what is there, and reads more only when that is not enough.
  asio::awaitable<error_code> read_and_parse() {
    constexpr std::size_t read_size = 16'384;
    error_code code = http::error::need_more;
    if (buffer_.size() > 0) {
      const auto parsed = parser_->put(buffer_.data(), code);
      in_start_line_ = in_start_line_ && parsed == 0;
      buffer_.consume(parsed);
    }
    if (code == http::error::need_more) {
      std::size_t size = 0;
      code = co_await server_.read_some(buffer_.prepare(read_size), size);
      buffer_.commit(size);
      state_.answered = state_.answered || size > 0;
      if (in_start_line_ && !begins_as_http()) {
        state_.malformed = true;
        co_return http::error::bad_version;
      }
      // The end of the connection may be the end of the body.
      if (code == asio::error::eof && parser_->got_some()) {
        code = {};
        parser_->put_eof(code);
      }
      if (code == http::error::partial_message)
        code = asio::error::eof;
      co_return code;
    }
    state_.malformed = code.failed();
    co_return code;
  }

  /// The body, as far as it came together with the head: a whole one lets the connection be used again.
  void parse_what_came() {
    error_code code;
    while (!code && !parser_->is_done() && buffer_.size() > 0)
      buffer_.consume(parser_->put(buffer_.data(), code));
  }

  /// Beast waits for the end of the head once the start line came in pieces, so it sees too late, or never, that a
  /// server does not speak HTTP.
  [[nodiscard]] bool begins_as_http() const {
    constexpr std::string_view begin = "HTTP/1.";
    const auto data = buffer_.data();
    const std::string_view text{static_cast<const char*>(data.data()), data.size()};
    return begin.substr(0, text.size()) == text.substr(0, begin.size());
  }

  connection& server_;
  const bool bodiless_;
  const bool head_only_;
  const exchange_limits& limits_;
  exchange_state& state_;
  beast::flat_buffer buffer_;
  std::optional<response_parser> parser_;
  /// Nothing of the present response was parsed yet.
  bool in_start_line_ = true;
};

} // namespace

asio::awaitable<error_code> exchange(connection& server, const http_request& request, exchange_limits limits,
                                     exchange_state& state) {
  const auto message = encode(request);
  server.expires_at(limits.deadline);
  auto code = co_await server.write(message);
  if (code)
    co_return code;
  server.expires_at(std::min(limits.deadline, clock::now() + limits.response_timeout));
  response_reader response{server, request, limits, state};
  code = co_await response.read();
  if (!code)
    response.take_answer();
  co_return code;
}

} // namespace waybill::outbound
