#include "tests/support/role_cluster.hpp"

#include "tests/support/eventually.hpp"

#include <algorithm>
#include <csignal>
#include <stdexcept>

namespace waybill::test {

namespace {

constexpr const char* roles[] = {"gateway", "order", "payment", "inventory", "delivery", "notification"};

} // namespace

role_cluster::role_cluster(const std::vector<std::string>& settings)
  : settings_{settings}, database_{test_postgres::shared().create_database()} {
  for (const auto* role : roles)
    start(role, std::string{role} + "-1", role);
  for (auto& [role, node] : nodes_)
    node.await_ready();
  // Nodes find each other within a renewal; the first product needs the inventory's node.
  const bool connected = eventually([this] {
    const auto answer = get(url(), "/v1/products?limit=1");
    const auto absent = get(url(), "/v1/products/prd_00000000000000000000");
    return answer && answer->status == 200 && absent && absent->status == 404;
  });
  if (!connected)
    throw std::runtime_error("the nodes do not find each other:\n" + node("gateway").log());
}

void role_cluster::start(const std::string& key, const std::string& name, const std::string& roles) {
  auto words = settings_;
  words.push_back("--role=" + roles);
  words.push_back("--store=" + database_);
  nodes_.try_emplace(key, folder_.path().string(), name, words);
}

void role_cluster::restart(const std::string& role) {
  nodes_.erase(role);
  start(role, role + "-1", role);
  node(role).await_ready();
}

node_process& role_cluster::add(const std::string& name, const std::string& roles) {
  start(name, name, roles);
  auto& added = node(name);
  added.await_ready();
  if (!eventually([&] { return added.log().find("node " + name + " is up") != std::string::npos; }))
    throw std::runtime_error("the node does not join:\n" + added.log());
  return added;
}

std::map<std::string, std::optional<int>> role_cluster::stop() {
  for (auto& [role, node] : nodes_)
    node.process().signal(SIGTERM);
  std::map<std::string, std::optional<int>> codes;
  for (auto& [role, node] : nodes_)
    codes[role] = node.process().wait(std::chrono::seconds{60});
  return codes;
}

invariant_report role_cluster::check() const {
  store_config store;
  store.url = database_;
  auto ledger = store;
  ledger.schema = "simulated_provider";
  return check_invariants(store, ledger);
}

} // namespace waybill::test
