#pragma once

#include "nodes/options/config.hpp"

namespace waybill {

/// Starts a node, serves until SIGTERM or SIGINT, and ends it in order. Needs block_stop_signals() and set_up_log()
/// before, and block_reload_signal() when `https` is used: then SIGHUP reads its files again. `credentials` are those
/// of `config.tls`, `https` those of `config.http_tls`. The exit code: 0 after an orderly end, 1 when the start failed,
/// the node was evicted, one of its actors died, or the end hung.
int run_node(const node_config& config, const tls_credentials& credentials, server_tls https);

} // namespace waybill
