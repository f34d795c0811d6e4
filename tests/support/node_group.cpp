#include "tests/support/node_group.hpp"

#include "tests/support/eventually.hpp"
#include "tests/support/stored_contents.hpp"

#include <algorithm>
#include <csignal>
#include <stdexcept>

namespace waybill::test {

node_group::node_group(std::vector<std::string> settings)
  : settings_{std::move(settings)}, database_{test_postgres::shared().create_database()} {}

node_process& node_group::launch(const std::string& name, const std::string& roles,
                                 const std::vector<std::string>& words) {
  nodes_.erase(name);
  auto all = settings_;
  all.push_back("--role=" + roles);
  all.push_back("--store=" + database_);
  all.insert(all.end(), words.begin(), words.end());
  return nodes_.try_emplace(name, folder_.path().string(), name, all).first->second;
}

node_process& node_group::start(const std::string& name, const std::string& roles,
                                const std::vector<std::string>& words) {
  auto& node = launch(name, roles, words);
  await_up(name);
  return node;
}

void node_group::await_up(const std::string& name) {
  auto& node = nodes_.at(name);
  node.await_ready();
  if (!eventually([&] { return node.log().find("node " + name + " is up") != std::string::npos; }))
    throw std::runtime_error("node " + name + " does not go up:\n" + node.log());
}

std::map<std::string, std::optional<int>> node_group::stop() {
  for (auto& [name, node] : nodes_)
    node.process().signal(SIGTERM);
  std::map<std::string, std::optional<int>> codes;
  for (auto& [name, node] : nodes_)
    codes[name] = node.process().wait(std::chrono::seconds{60});
  return codes;
}

invariant_report node_group::check() const {
  store_config store;
  store.url = database_;
  auto ledger = store;
  ledger.schema = "simulated_provider";
  return check_invariants(store, ledger);
}

std::size_t node_group::events_of(const std::string& type, const std::string& node) const {
  store_config store;
  store.url = database_;
  const auto contents = read_contents(store);
  return static_cast<std::size_t>(std::ranges::count_if(contents.events, [&](const stored_event& event) {
    return event.type == type && text_at(event.data, "/node") == node;
  }));
}

} // namespace waybill::test
