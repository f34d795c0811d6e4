#include "nodes/health.hpp"

#include "outbound/tool_client.hpp"
#include "shell/node_connection.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>

#include <algorithm>
#include <exception>

namespace waybill {

namespace {

/// The address by which a process on the same machine reaches it.
endpoint local_address(const endpoint& listener) {
  return is_wildcard(listener) ? endpoint{"127.0.0.1", listener.port} : listener;
}

constexpr auto readiness_path = "/readyz";
constexpr std::chrono::seconds patience{10};

result<void> judge(unsigned status, std::string body) {
  return status == 200 ? result<void>{} : failure{ec::unavailable, std::move(body)};
}

result<void> ask_plainly(const endpoint& http) {
  auto server = outbound::parse_url("http://" + to_string(http));
  if (server.has_error())
    return server.error();
  boost::asio::io_context context;
  outbound::client client{context.get_executor(), std::move(*server)};
  result<outbound::response> answer = failure{ec::internal, {}};
  outbound::request request;
  request.target = readiness_path;
  boost::asio::co_spawn(context, client.send(std::move(request)),
                        [&](const std::exception_ptr& problem, result<outbound::response> got) {
                          if (problem)
                            std::rethrow_exception(problem);
                          answer = std::move(got);
                        });
  context.run();
  if (answer.has_error())
    return answer.error();
  return judge(answer->status, std::move(answer->body));
}

/// One request over TLS. The certificate is not verified: it is for the names that clients know, not for this address.
boost::asio::awaitable<result<void>> ask_securely(endpoint http) {
  namespace beast = boost::beast;
  boost::asio::ssl::context trust{boost::asio::ssl::context::tls_client};
  trust.set_verify_mode(boost::asio::ssl::verify_none);
  beast::ssl_stream<beast::tcp_stream> stream{co_await boost::asio::this_coro::executor, trust};
  beast::get_lowest_layer(stream).expires_after(patience);
  const boost::asio::ip::tcp::endpoint address{boost::asio::ip::make_address(http.host), http.port};
  co_await beast::get_lowest_layer(stream).async_connect(address, boost::asio::use_awaitable);
  co_await stream.async_handshake(boost::asio::ssl::stream_base::client, boost::asio::use_awaitable);
  beast::http::request<beast::http::empty_body> request{beast::http::verb::get, readiness_path, 11};
  request.set(beast::http::field::host, to_string(http));
  co_await beast::http::async_write(stream, request, boost::asio::use_awaitable);
  beast::flat_buffer buffer;
  beast::http::response<beast::http::string_body> answer;
  co_await beast::http::async_read(stream, buffer, answer, boost::asio::use_awaitable);
  co_return judge(answer.result_int(), std::move(answer.body()));
}

result<void> ask_gateway(const node_config& config) {
  if (config.ops)
    return ask_plainly(local_address(*config.ops));
  auto http = local_address(config.http);
  if (!config.http_tls.wanted())
    return ask_plainly(http);
  if (http.host == "localhost")
    http.host = "127.0.0.1";
  boost::asio::io_context context;
  result<void> answer = failure{ec::internal, {}};
  boost::asio::co_spawn(context, ask_securely(http), [&](const std::exception_ptr& problem, result<void> got) {
    answer = std::move(got);
    try {
      if (problem)
        std::rethrow_exception(problem);
    } catch (const std::exception& error) {
      answer = failure{ec::unavailable, to_string(http) + ": " + error.what()};
    }
  });
  context.run();
  return answer;
}

result<void> ask_node(const node_config& config, const tls_credentials& credentials) {
  shell::node_connection node{credentials.context()};
  const auto address = local_address(config.listen);
  if (auto connected = node.connect(address.host, address.port); connected.has_error())
    return failure{connected.error().code, to_string(address) + ": " + connected.error().detail};
  const auto list = node.ask(list_nodes{});
  if (list.has_error())
    return list.error();
  const bool member = std::ranges::any_of(list->nodes, [&](const node_entry& entry) {
    return entry.node == config.node_name() && entry.reachable && entry.state == node_state::up;
  });
  if (!member)
    return failure{ec::unavailable, "node " + config.node_name() + " is not up in the cluster"};
  return {};
}

} // namespace

result<void> check_health(const node_config& config, const tls_credentials& credentials) {
  return config.has(role::gateway) ? ask_gateway(config) : ask_node(config, credentials);
}

} // namespace waybill
