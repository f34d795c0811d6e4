#pragma once

#include <functional>
#include <memory>
#include <string>

struct ssl_ctx_st;

namespace waybill::shell {

/// What the shell needs and may not include itself.
struct hooks {
  /// Runs a scenario (a number or `all`) against the gateway at `url`, prints its report, as JSON if wanted, and
  /// answers with an exit code. Without it there is no `scenario run`.
  std::function<int(const std::string& url, const std::string& scenario, bool as_json)> run_scenario;
  /// For connections to nodes that demand a certificate; null: plain.
  std::shared_ptr<ssl_ctx_st> tls;
};

} // namespace waybill::shell
