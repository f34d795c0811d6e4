#include "tests/cluster/chaos/cluster_of_namespaces.hpp"

#include "tests/cluster/chaos/accounts.hpp"

#include <algorithm>
#include <array>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string_view>

namespace waybill::chaos {

namespace {

namespace fs = std::filesystem;

constexpr std::uint16_t http_port = 4000;
constexpr std::uint16_t listen_port = 4100;
/// Twelve nodes have about six sessions each, and those of a node that was killed live on for a while.
constexpr std::uint32_t sessions = 400;
constexpr int had_to_be_killed = -1000;

/// Words that only a defect leaves in a log, and no injected fault.
constexpr std::array<std::string_view, 4> alarming{"ended unexpectedly", "by a defect",
                                                   "cannot be read: ", "terminate called"};

std::string last_lines(const std::string& log) {
  constexpr std::size_t most = 600;
  return log.size() <= most ? log : log.substr(log.size() - most);
}

} // namespace

cluster_of_namespaces::cluster_of_namespaces(cluster_settings settings) : settings_{std::move(settings)} {
  test::postgres_place where;
  where.max_connections = sessions;
  if (settings_.with_links) {
    links_ = std::make_unique<network>();
    where.address = links_->add(std::string{database});
    where.network_namespace = links_->namespace_of(std::string{database});
  }
  postgres_ = std::make_unique<test::test_postgres>(where);
  database_url_ = postgres_->create_database();
  // Now: later the server may be away.
  foreign_url_ = postgres_->create_database();
  for (const auto& member : settings_.members)
    start(member);
}

std::vector<std::string> cluster_of_namespaces::gateways() const {
  std::vector<std::string> urls;
  for (const auto& member : settings_.members)
    if (has_role(member, "gateway"))
      urls.push_back(nodes_.at(member.name).url);
  return urls;
}

bool cluster_of_namespaces::is_ready(const std::string& node) {
  auto& entry = at(node);
  if (!entry.process || !entry.process->process().is_running() || !entry.process->is_ready())
    return false;
  if (has_role(entry.identity, "gateway") && entry.url.empty()) {
    entry.url = entry.process->url();
    // The same port next time: its clients know it.
    entry.place.http_port = static_cast<std::uint16_t>(std::stoul(entry.url.substr(entry.url.rfind(':') + 1)));
  }
  return true;
}

bool cluster_of_namespaces::runs(const std::string& node) {
  auto& entry = at(node);
  return entry.process && entry.process->process().is_running();
}

std::string cluster_of_namespaces::last_words(const std::string& node) {
  return last_lines(at(node).process->log());
}

void cluster_of_namespaces::start(const member& which) {
  auto& entry = nodes_[which.name];
  entry.identity = which;
  if (entry.starts == 0) {
    entry.place.program = settings_.program;
    if (links_) {
      entry.place.address = links_->add(which.name);
      entry.place.network_namespace = links_->namespace_of(which.name);
      entry.place.http_port = http_port;
      entry.place.listen_port = listen_port;
    }
  } else {
    const auto log = folder_ / (which.name + ".log");
    std::error_code ignored;
    fs::rename(log, log + "." + std::to_string(entry.starts), ignored);
  }
  if (entry.starts == 0)
    entry.credentials =
      test::write_credentials(folder_ / ("keys-" + which.name), authority_.certificate(), authority_.issue(which.name));
  const auto words = words_of(entry);
  entry.process.reset();
  entry.process = std::make_unique<test::node_process>(folder_.path().string(), which.name, words, entry.place);
  entry.wanted = true;
  ++entry.starts;
}

std::vector<std::string> cluster_of_namespaces::words_of(const running& node) const {
  auto words = settings_.node_words;
  words.push_back("--role=" + node.identity.role);
  words.push_back("--store=" + database_url_);
  words.insert(words.end(), node.credentials.begin(), node.credentials.end());
  words.insert(words.end(), {"--auth=required", std::string{"--admin-email="} + admin_email,
                             std::string{"--admin-password="} + admin_password,
                             // Password hashes are expensive; here they must not take CPU time from the orders.
                             "--password-memory=1048576",
                             // The nodes take part in fault injection.
                             "--chaos=on"});
  // All of the load and all observers come from one address and are few people.
  for (const auto* unlimited :
       {"--http-rate-reads=off", "--http-rate-writes=off", "--http-rate-streams=off", "--http-rate-frames=off",
        "--http-rate-auth=off", "--http-max-connections-per-address=10000"})
    words.emplace_back(unlimited);
  return words;
}

void cluster_of_namespaces::start(const std::string& node) {
  start(member{at(node).identity});
}

void cluster_of_namespaces::signal(const std::string& node, int number) {
  at(node).process->process().signal(number);
}

void cluster_of_namespaces::kill(const std::string& node) {
  auto& entry = at(node);
  entry.wanted = false;
  entry.process->kill();
}

void cluster_of_namespaces::ask_to_end(const std::string& node) {
  auto& entry = at(node);
  entry.wanted = false;
  entry.process->process().signal(SIGTERM);
}

bool cluster_of_namespaces::has_ended(const std::string& node, history& into) {
  auto& entry = at(node);
  if (entry.process->process().is_running())
    return false;
  note_end(entry, true, into);
  return true;
}

void cluster_of_namespaces::give_up(const std::string& node, history& into) {
  auto& entry = at(node);
  into.ended.push_back({node, now(), true, true, had_to_be_killed, last_lines(entry.process->log())});
  entry.process->kill();
}

void cluster_of_namespaces::look_after(history& into) {
  std::vector<member> fallen;
  for (auto& [name, entry] : nodes_)
    if (entry.wanted && !entry.process->process().is_running()) {
      note_end(entry, false, into);
      fallen.push_back(entry.identity);
    }
  for (const auto& member : fallen)
    start(member);
}

void cluster_of_namespaces::note_end(running& node, bool asked, history& into) {
  const auto code = node.process->process().wait(std::chrono::milliseconds{0});
  const auto log = node.process->log();
  into.ended.push_back({node.identity.name, now(), asked, log.find(" serves as ") != std::string::npos,
                        code.value_or(had_to_be_killed), code == 0 ? std::string{} : last_lines(log)});
}

void cluster_of_namespaces::keep_logs(const std::string& folder) const {
  fs::create_directories(folder);
  for (const auto& entry : fs::directory_iterator{folder_.path()})
    if (entry.is_regular_file())
      fs::copy_file(entry.path(), fs::path{folder} / entry.path().filename(), fs::copy_options::overwrite_existing);
}

std::vector<std::string> cluster_of_namespaces::alarming_lines() const {
  std::vector<std::string> lines;
  for (const auto& entry : fs::directory_iterator{folder_.path()}) {
    if (!entry.is_regular_file())
      continue;
    std::ifstream file{entry.path()};
    for (std::string line; std::getline(file, line);)
      if (std::ranges::any_of(alarming, [&](auto word) { return line.find(word) != std::string::npos; }))
        lines.push_back(entry.path().filename().string() + ": " + line);
  }
  return lines;
}

cluster_of_namespaces::running& cluster_of_namespaces::at(const std::string& node) {
  const auto found = nodes_.find(node);
  if (found == nodes_.end())
    throw std::runtime_error("there is no node " + node);
  return found->second;
}

} // namespace waybill::chaos
