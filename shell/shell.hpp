#pragma once

#include "shell/hooks.hpp"

#include <string>
#include <vector>

/// `waybill shell`: looks into a running node.
namespace waybill::shell {

/// Runs a shell; `words` are its arguments. Exit codes: 0 ok, 1 failed, 2 usage, 3 not found, 8 the node
/// cannot be reached.
int run(const std::vector<std::string>& words, const hooks& outside);

} // namespace waybill::shell
