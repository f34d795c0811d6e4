#pragma once

#include "tests/support/invariant_check.hpp"
#include "tests/support/node_process.hpp"
#include "tests/support/postgres.hpp"
#include "tests/support/http_shop.hpp"
#include "tests/support/temp_folder.hpp"

#include <map>
#include <string>
#include <vector>

namespace waybill::test {

/// Processes of any roles, several with the same if wished, on a database of their own of the shared PostgreSQL. All
/// are killed with the object.
class node_group {
public:
  explicit node_group(std::vector<std::string> settings = quick_settings());

  /// `words` come after those of the group. Returns when the node is up. Throws std::runtime_error with its log.
  node_process& start(const std::string& name, const std::string& roles, const std::vector<std::string>& words = {});
  /// Only starts the process.
  node_process& launch(const std::string& name, const std::string& roles, const std::vector<std::string>& words = {});
  /// Waits until the node says that it is up and, with a gateway, that every role can be reached.
  void await_up(const std::string& name);

  [[nodiscard]] node_process& node(const std::string& name) { return nodes_.at(name); }
  [[nodiscard]] const std::string& database() const noexcept { return database_; }
  void forget(const std::string& name) { nodes_.erase(name); }

  /// SIGTERM to all at once: the exit code of each, or nothing when it hung.
  std::map<std::string, std::optional<int>> stop();

  /// After stop(), or at rest.
  [[nodiscard]] invariant_report check() const;

  /// How often the log of the shop tells of `type` about `node`.
  [[nodiscard]] std::size_t events_of(const std::string& type, const std::string& node) const;

private:
  temp_folder folder_;
  std::vector<std::string> settings_;
  std::string database_;
  std::map<std::string, node_process> nodes_;
};

} // namespace waybill::test
