#pragma once

#include "tests/support/http_shop.hpp"
#include "tests/support/invariant_check.hpp"
#include "tests/support/node_process.hpp"
#include "tests/support/postgres.hpp"
#include "tests/support/temp_folder.hpp"

#include <map>
#include <string>
#include <vector>

namespace waybill::test {

/// Six processes with one role each on a database of their own of the shared PostgreSQL. No node has the seventh role,
/// `account`: on the loopback interface the gateway answers without tokens, so orders need no users.
class role_cluster {
public:
  /// Returns when all serve and the gateway reaches a node of every role. Throws std::runtime_error.
  explicit role_cluster(const std::vector<std::string>& settings = quick_settings());

  [[nodiscard]] node_process& node(const std::string& role) { return nodes_.at(role); }
  [[nodiscard]] std::map<std::string, node_process>& nodes() { return nodes_; }
  /// The URL of the database that all nodes share.
  [[nodiscard]] const std::string& database() const { return database_; }
  [[nodiscard]] std::string url() { return node("gateway").url(); }

  /// Restarts the role's node, under the same name; returns when it serves.
  void restart(const std::string& role);

  /// Starts another node, with several roles if wanted (`order,payment`); returns when it is up. It goes by its name.
  node_process& add(const std::string& name, const std::string& roles);

  /// SIGTERM to all at once: the exit code of each, or nothing when it hung.
  std::map<std::string, std::optional<int>> stop();

  /// Where the shop keeps its data.
  [[nodiscard]] store_config store() const { return {.url = database_}; }

  /// After stop(), or at rest.
  [[nodiscard]] invariant_report check() const;

private:
  void start(const std::string& key, const std::string& name, const std::string& roles);

  temp_folder folder_;
  std::vector<std::string> settings_;
  std::string database_;
  std::map<std::string, node_process> nodes_;
};

} // namespace waybill::test
