#pragma once

#include "tests/cluster/chaos/history.hpp"
#include "tests/cluster/chaos/network.hpp"
#include "tests/support/certificates.hpp"
#include "tests/support/node_process.hpp"
#include "tests/support/postgres.hpp"
#include "tests/support/temp_folder.hpp"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace waybill::chaos {

struct cluster_settings {
  std::vector<member> members = standard_members();
  /// More words for each node's command line.
  std::vector<std::string> node_words;
  /// The program to start; empty: that of this build.
  std::string program;
  /// Without it all is on loopback addresses and no link can fail.
  bool with_links = true;
};

/// All processes of a cluster and their PostgreSQL, with mutual TLS between the nodes and gateways that demand tokens,
/// each in a network namespace of its own if it has links. For the main thread only. Throws std::runtime_error when
/// something cannot be started. Everything ends with this object.
class cluster_of_namespaces {
public:
  /// Starts PostgreSQL and all members.
  explicit cluster_of_namespaces(cluster_settings settings);

  [[nodiscard]] bool has_links() const noexcept { return links_ != nullptr; }
  [[nodiscard]] const std::vector<member>& members() const noexcept { return settings_.members; }
  [[nodiscard]] const std::string& database_url() const noexcept { return database_url_; }
  [[nodiscard]] test::test_postgres& postgres() noexcept { return *postgres_; }
  /// A foreign database in the same server.
  [[nodiscard]] const std::string& foreign_database_url() const noexcept { return foreign_url_; }
  [[nodiscard]] network& links() { return *links_; }

  /// The gateways' URLs, in the order of the members; they stay the same when a gateway is started again.
  [[nodiscard]] std::vector<std::string> gateways() const;

  /// The node runs and says that it is ready.
  [[nodiscard]] bool is_ready(const std::string& node);
  [[nodiscard]] bool runs(const std::string& node);

  /// The end of its log.
  [[nodiscard]] std::string last_words(const std::string& node);

  /// Starts the member, again if it was there; returns before it is ready. A new name is a new member's.
  void start(const member& which);
  void start(const std::string& node);
  void signal(const std::string& node, int number);
  /// SIGKILL.
  void kill(const std::string& node);
  /// SIGTERM, without waiting.
  void ask_to_end(const std::string& node);
  /// Whether the node that was asked has ended; notes how.
  bool has_ended(const std::string& node, history& into);
  /// Kills a node that did not end, and notes that.
  void give_up(const std::string& node, history& into);

  /// Notes nodes that ended without being asked, and starts them again, as a supervisor would.
  void look_after(history& into);

  /// Copies all logs to the folder.
  void keep_logs(const std::string& folder) const;
  /// Lines that tell of a defect.
  [[nodiscard]] std::vector<std::string> alarming_lines() const;

private:
  struct running {
    member identity;
    std::unique_ptr<test::node_process> process;
    test::node_place place;
    /// The options that name its certificates.
    std::vector<std::string> credentials;
    std::string url;
    /// The node must run: it was not killed and not asked to end.
    bool wanted = false;
    int starts = 0;
  };

  running& at(const std::string& node);
  [[nodiscard]] std::vector<std::string> words_of(const running& node) const;
  void note_end(running& node, bool asked, history& into);

  cluster_settings settings_;
  test::temp_folder folder_;
  test::test_authority authority_{"chaos"};
  std::unique_ptr<network> links_;
  std::unique_ptr<test::test_postgres> postgres_;
  std::string database_url_;
  std::string foreign_url_;
  std::map<std::string, running> nodes_;
};

} // namespace waybill::chaos
