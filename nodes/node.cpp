#include "nodes/node.hpp"

#include "domain/base/errors.hpp"
#include "domain/base/log.hpp"
#include "nodes/process/descriptors.hpp"
#include "nodes/running_node.hpp"

#include <functional>
#include <memory>

namespace waybill {

namespace {

/// At each start: nobody should get used to it.
void warn_if_open(const node_config& config) {
  if (config.chaos)
    log_warning("chaos=on: everybody who can reach this node may kill it, take its database away and restart it");
  if (!config.insecure)
    return;
  std::string open = config.has(role::gateway) && !config.auth_required() ? to_string(config.http) : "";
  if (!config.tls.wanted())
    open += (open.empty() ? "" : " or ") + to_string(config.listen);
  if (open.empty())
    log_warning("insecure=on has no effect: tokens and node certificates are required");
  else
    log_warning("insecure=on: everybody who can reach {} may do everything", open);
}

/// Connections that the system does not allow wait unaccepted, without the refusal that they would get otherwise.
void check_descriptors(const node_config& config) {
  constexpr std::size_t others = 300;
  const auto allowed = raise_descriptor_limit();
  if (config.has(role::gateway) && config.gateway.max_connections + others > allowed)
    log_warning("http-max-connections is {}, but this process may open {} files in all: raise its limit (ulimit -n)",
                config.gateway.max_connections, allowed);
}

} // namespace

int run_node(const node_config& config, const tls_credentials& credentials, server_tls https) {
  int code = 1;
  bool again = false;
  // Outlives the actor system, whose destructor waits for every actor.
  std::unique_ptr<shutdown_watchdog> watchdog;
  stop_signal asked;
  {
    check_descriptors(config);
    const bool reloads = https.used();
    running_node node{config, credentials, std::move(https)};
    if (auto started = node.start(); started.has_error()) {
      log_error("node {} cannot start: {}", config.node_name(), started.error().detail);
    } else {
      warn_if_open(config);
      // A member of a cluster says so once it is up.
      if (!config.on_postgresql())
        log_info("node {} serves as {}", config.node_name(), roles_to_text(config.roles));
      const std::function<void()> reload = [&node] { node.reload(); };
      asked = wait_for_stop_signal(reloads ? reload : nullptr);
      // Why it was evicted, or what broke, is in the log already.
      if (!node.evicted() && !node.broken())
        log_info("{} received: node {} ends", asked.name, config.node_name());
      code = node.evicted() || node.broken() ? 1 : 0;
      again = node.starts_again();
    }
    watchdog = std::make_unique<shutdown_watchdog>(config.shutdown_timeout, asked);
    node.stop(*watchdog);
  }
  watchdog.reset();
  log_info("node {} has ended", config.node_name());
  if (again && code == 0) {
    log_info("node {} starts again", config.node_name());
    log_error("node {} cannot start again: {}", config.node_name(), execute_again());
    return 1;
  }
  return code;
}

} // namespace waybill
