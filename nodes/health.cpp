#include "nodes/health.hpp"

#include "domain/base/errors.hpp"
#include "outbound/blocking_request.hpp"
#include "shell/node_connection.hpp"

#include <algorithm>

namespace waybill {

namespace {

/// Where a process of the same machine reaches it.
endpoint from_this_machine(const endpoint& listening) {
  return is_wildcard(listening) ? endpoint{"127.0.0.1", listening.port} : listening;
}

result<void> ask_gateway(const node_config& config) {
  // The port for operators is never behind TLS.
  const bool secure = !config.ops && config.http_tls.wanted();
  const auto target = from_this_machine(config.ops ? *config.ops : config.http);
  auto url = outbound::parse_http_url((secure ? "https://" : "http://") + to_string(target) + "/readyz");
  if (url.has_error())
    return url.error();
  outbound::http_request request;
  request.url = std::move(*url);
  // The certificate is for the names that clients use, not for an address of this machine.
  const auto answer = outbound::send_and_wait(std::move(request), {.verify_certificates = false});
  if (answer.has_error())
    return failure{answer.error().code, answer.error().detail};
  if (answer->status != 200)
    return failure{ec::unavailable, answer->body};
  return {};
}

result<void> ask_node(const node_config& config, const tls_credentials& credentials) {
  shell::node_connection node{credentials.context()};
  const auto target = from_this_machine(config.listen);
  if (auto connected = node.connect(target.host, target.port); connected.has_error())
    return failure{connected.error().code, to_string(target) + ": " + connected.error().detail};
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
