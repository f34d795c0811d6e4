#include "outbound/api_client.hpp"

#include "domain/base/errors.hpp"
#include "outbound/http/http_sender.hpp"

#include <boost/url/grammar/ci_string.hpp>

#include <algorithm>

namespace waybill::outbound {

namespace {

http_client_options sender_options(const api_client_options& options) {
  // The time-out of each request bounds all of its parts.
  constexpr milliseconds unlimited = std::chrono::hours{24};
  return {.resolve_timeout = unlimited,
          .connect_timeout = unlimited,
          .response_timeout = unlimited,
          .max_connections_per_host = options.max_connections,
          .max_body = options.max_body_bytes,
          .max_idle = options.max_idle,
          .ca_file = options.ca_file};
}

} // namespace

result<api_server> parse_api_server(std::string_view url) {
  auto parsed = parse_http_url(url);
  if (parsed.has_error())
    return parsed.error();
  if (parsed->target.find('?') != std::string::npos)
    return failure{ec::invalid_argument, "not a usable URL: expected http[s]://host[:port][/path] and nothing else"};
  return api_server{std::move(*parsed)};
}

struct api_client::state {
  api_server server;
  http_sender sender;
};

api_client::api_client(boost::asio::any_io_executor executor, api_server server, api_client_options options) {
  auto sending = sender_options(options);
  auto tls = make_tls_context(sending).value();
  state_ = std::make_shared<state>(
    state{std::move(server), http_sender{std::move(executor), std::move(sending), std::move(tls)}});
}

boost::asio::awaitable<http_result> api_client::send(api_request request) {
  const auto& [url, token] = state_->server;
  http_request message;
  message.method = std::move(request.method);
  message.url = url.below(request.target);
  if (!token.empty())
    message.headers.emplace_back("Authorization", "Bearer " + token);
  message.headers.insert(message.headers.end(), request.headers.begin(), request.headers.end());
  message.body = std::move(request.body);
  message.repeatable = std::any_of(message.headers.begin(), message.headers.end(), [](const auto& header) {
    return boost::urls::grammar::ci_is_equal(header.first, "Idempotency-Key");
  });
  message.timeout = request.timeout;
  return state_->sender.send(std::move(message));
}

} // namespace waybill::outbound
