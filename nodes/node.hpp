#pragma once

#include "nodes/config.hpp"

namespace waybill {

/// Starts a node, serves until SIGTERM or SIGINT, and ends it in order. Needs block_stop_signals() and set_up_log()
/// before. `credentials` are those of `config.tls`. The exit code: 0 after an orderly end, 1 when the start failed, the
/// node was evicted or the end hung.
int run_node(const node_config& config, const tls_credentials& credentials);

} // namespace waybill
