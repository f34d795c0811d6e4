#include "outbound/exchange.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>

#include <algorithm>
#include <optional>

namespace waybill::outbound {

namespace {

namespace http = beast::http;
using parser_type = http::response_parser<http::string_body>;

http::request<http::string_body> encode(const http_request& what) {
  http::request<http::string_body> out;
  out.version(11);
  out.method_string(what.method);
  out.target(what.url.target);
  out.set(http::field::host, what.url.authority());
  out.set(http::field::user_agent, "waybill/" WAYBILL_VERSION);
  if (!what.body.empty())
    out.set(http::field::content_type, "application/json");
  for (const auto& [name, value] : what.headers)
    out.set(name, value);
  out.body() = what.body;
  out.prepare_payload();
  return out;
}

bool is_interim(unsigned status) noexcept {
  return status >= 100 && status < 200;
}

template <class Stream>
asio::awaitable<error_code> read_answer(Stream& stream, connection& over, bool bodiless, exchange_limits limits,
                                        std::optional<parser_type>& parser, exchange_state& progress) {
  error_code code;
  do {
    parser.emplace();
    parser->body_limit(limits.max_body);
    parser->header_limit(static_cast<std::uint32_t>(limits.max_head));
    parser->skip(bodiless);
    co_await http::async_read_header(stream, over.buffer, *parser, asio::redirect_error(asio::use_awaitable, code));
    progress.answered = progress.answered || parser->got_some() || over.buffer.size() > 0;
    if (code)
      co_return code;
  } while (is_interim(parser->get().result_int()));
  co_await http::async_read(stream, over.buffer, *parser, asio::redirect_error(asio::use_awaitable, code));
  co_return code;
}

template <class Stream>
asio::awaitable<error_code> exchange_over(Stream& stream, connection& over, const http_request& what,
                                          exchange_limits limits, exchange_state& progress) {
  auto message = encode(what);
  error_code code;
  over.transport().expires_at(limits.deadline);
  co_await http::async_write(stream, message, asio::redirect_error(asio::use_awaitable, code));
  if (code)
    co_return code;
  over.transport().expires_at(std::min(limits.deadline, clock::now() + limits.response_timeout));
  std::optional<parser_type> parser;
  code = co_await read_answer(stream, over, what.method == "HEAD", limits, parser, progress);
  if (code)
    co_return code;
  // Octets behind the answer belong to nothing that was asked.
  progress.keep_alive = parser->keep_alive() && over.buffer.size() == 0;
  auto parsed = parser->release();
  progress.answer.status = parsed.result_int();
  for (const auto& field : parsed)
    progress.answer.headers.emplace_back(std::string{field.name_string()}, std::string{field.value()});
  progress.answer.body = std::move(parsed.body());
  co_return code;
}

} // namespace

asio::awaitable<error_code> exchange(connection& over, const http_request& what, exchange_limits limits,
                                     exchange_state& progress) {
  if (over.tls)
    co_return co_await exchange_over(*over.tls, over, what, limits, progress);
  co_return co_await exchange_over(*over.plain, over, what, limits, progress);
}

} // namespace waybill::outbound
