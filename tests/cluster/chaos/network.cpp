#include "tests/cluster/chaos/network.hpp"

#include "tests/support/node_process.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

namespace waybill::chaos {

namespace {

constexpr const char* own_namespace = "/proc/thread-self/ns/net";
constexpr std::size_t first_host = 10;

/// A hardware address that no host has: the bridge cannot deliver to it.
constexpr const char* nowhere = "02:00:00:00:de:ad";

std::string program() {
  for (const auto* path : {"/usr/sbin/ip", "/sbin/ip", "/usr/bin/ip", "/bin/ip"})
    if (std::filesystem::exists(path))
      return path;
  return {};
}

[[noreturn]] void fail(const std::string& problem) {
  throw std::runtime_error("network: " + problem);
}

int open_own_namespace() {
  const int opened = ::open(own_namespace, O_RDONLY | O_CLOEXEC);
  if (opened < 0)
    fail(std::string{"cannot open the namespace: "} + std::strerror(errno));
  return opened;
}

} // namespace

std::optional<std::string> network::why_not() {
  if (::geteuid() != 0)
    return "not root";
  if (program().empty())
    return "the program `ip` (package iproute2) is not installed";
  return std::nullopt;
}

void network::leave_the_machine() {
  if (::unshare(CLONE_NEWNET) != 0)
    fail(std::string{"no namespace: "} + std::strerror(errno));
}

network::network() {
  static int made = 0;
  bridge_ = "wb" + std::to_string(made++);
  run(-1, {"link set lo up", "link add " + bridge_ + " type bridge", "addr add 10.231.0.1/24 dev " + bridge_,
           "link set " + bridge_ + " up"});
}

network::~network() {
  // Takes the pairs' ends here with it as far as they are left; the others go with their namespaces.
  try {
    std::vector<std::string> lines;
    for (const auto& [host, place] : places_)
      lines.push_back("link del " + place.port);
    lines.push_back("link del " + bridge_);
    run(-1, lines);
  } catch (const std::exception&) {
    // They end with this process at the latest.
  }
  for (const auto& [host, place] : places_)
    ::close(place.network_namespace);
}

std::string network::add(const std::string& host) {
  const auto number = first_host + places_.size();
  place made{"10.231.0." + std::to_string(number), bridge_ + "p" + std::to_string(number), -1};
  const int here = open_own_namespace();
  leave_the_machine();
  made.network_namespace = open_own_namespace();
  const bool back = ::setns(here, CLONE_NEWNET) == 0;
  ::close(here);
  if (!back)
    fail("no way back into the own namespace");
  const auto path = "/proc/" + std::to_string(::getpid()) + "/fd/" + std::to_string(made.network_namespace);
  run(-1, {"link add " + made.port + " type veth peer name eth0 netns " + path,
           "link set " + made.port + " master " + bridge_ + " up"});
  run(made.network_namespace, {"link set lo up", "addr add " + made.address + "/24 dev eth0", "link set eth0 up"});
  return places_.emplace(host, made).first->second.address;
}

int network::namespace_of(const std::string& host) const {
  return at(host).network_namespace;
}

void network::cut(const std::string& from, const std::string& to) {
  run(at(from).network_namespace,
      {"neigh replace " + at(to).address + " lladdr " + nowhere + " dev eth0 nud permanent"});
}

void network::mend(const std::string& from, const std::string& to) {
  run(at(from).network_namespace, {"neigh del " + at(to).address + " dev eth0"});
}

void network::pull(const std::string& host) {
  run(-1, {"link set " + at(host).port + " down"});
}

void network::plug(const std::string& host) {
  run(-1, {"link set " + at(host).port + " up"});
}

const network::place& network::at(const std::string& host) const {
  const auto found = places_.find(host);
  if (found == places_.end())
    fail("there is no host " + host);
  return found->second;
}

void network::run(int inside, const std::vector<std::string>& lines) const {
  const auto batch = folder_ / "batch";
  const auto said = folder_ / "said";
  {
    std::ofstream file{batch};
    for (const auto& line : lines)
      file << line << '\n';
  }
  ::unlink(said.c_str());
  test::child_process ip{{program(), "-batch", batch}, said, said, inside};
  if (ip.wait(std::chrono::seconds{10}) == 0)
    return;
  std::ifstream file{said};
  fail("`ip` refused: " + std::string{std::istreambuf_iterator<char>{file}, {}});
}

} // namespace waybill::chaos
