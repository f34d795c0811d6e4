#pragma once

#include "nodes/options/config.hpp"

namespace waybill {

/// Whether the node that `config` describes, on this machine, is ready: a gateway is asked for /readyz, any
/// other node for its place in the cluster. Fails with one sentence that says what is wrong. Blocks for up to ten
/// seconds; belongs to a process that runs no node.
result<void> check_health(const node_config& config, const tls_credentials& credentials);

} // namespace waybill
