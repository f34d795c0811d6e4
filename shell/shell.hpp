#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

struct ssl_ctx_st;

/// `waybill shell`: looks into a running node.
namespace waybill::shell {

/// What the shell needs and may not include itself.
struct hooks {
  /// Runs a scenario (a number or `all`) against the gateway at `url`, prints its report, as JSON if wanted, and
  /// answers with an exit code. Without it there is no `scenario run`.
  std::function<int(const std::string& url, const std::string& scenario, bool as_json)> run_scenario;
  /// For connections to nodes that demand a certificate; null: plain.
  std::shared_ptr<ssl_ctx_st> tls;
};

/// Runs a shell; `words` are its arguments. Exit codes: 0 ok, 1 failed, 2 usage, 3 not found, 8 the node
/// cannot be reached.
int run(const std::vector<std::string>& words, const hooks& outside);

} // namespace waybill::shell
