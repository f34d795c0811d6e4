#include "nodes/health.hpp"

#include "scenarios/http_client.hpp"
#include "shell/session.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <algorithm>
#include <exception>

namespace waybill {

namespace {

/// Where a process on the same machine reaches it.
endpoint from_here(const endpoint& where) {
  return is_wildcard(where) ? endpoint{"127.0.0.1", where.port} : where;
}

result<void> ask_gateway(const endpoint& http) {
  auto server = outbound::parse_url("http://" + to_string(http));
  if (server.has_error())
    return server.error();
  boost::asio::io_context context;
  outbound::client client{context.get_executor(), std::move(*server)};
  result<outbound::response> answer = failure{ec::internal, {}};
  outbound::request question;
  question.target = "/readyz";
  boost::asio::co_spawn(context, client.send(std::move(question)),
                        [&](const std::exception_ptr& problem, result<outbound::response> got) {
                          if (problem)
                            std::rethrow_exception(problem);
                          answer = std::move(got);
                        });
  context.run();
  if (answer.has_error())
    return answer.error();
  if (answer->status != 200)
    return failure{ec::unavailable, answer->body};
  return {};
}

result<void> ask_node(const node_config& config, const tls_credentials& credentials) {
  shell::session node{credentials.context()};
  const auto where = from_here(config.listen);
  if (auto connected = node.connect(where.host, where.port); connected.has_error())
    return failure{connected.error().code, to_string(where) + ": " + connected.error().detail};
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
  return config.has(role::gateway) ? ask_gateway(from_here(config.http)) : ask_node(config, credentials);
}

} // namespace waybill
