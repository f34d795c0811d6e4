#include "tests/support/eventually.hpp"
#include "tests/support/role_cluster.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <memory>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define CAF_SUITE cluster.sinks
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::test;

namespace {

constexpr std::size_t many = 60;

std::string free_port() {
  const int probe = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  const bool bound = probe >= 0 && ::bind(probe, generic, size) == 0 && ::getsockname(probe, generic, &size) == 0;
  if (probe >= 0)
    ::close(probe);
  if (!bound)
    throw std::runtime_error{"there is no free port"};
  return std::to_string(ntohs(address.sin_port));
}

/// A Redis of its own, which ends with this object or this process.
class redis_server {
public:
  redis_server() : port_{free_port()} {
    process_ = ::fork();
    if (process_ == 0) {
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);
      static_cast<void>(std::freopen("/dev/null", "w", stdout));
      ::execlp("redis-server", "redis-server", "--bind", "127.0.0.1", "--port", port_.c_str(), "--save", "",
               "--appendonly", "no", static_cast<char*>(nullptr));
      ::_exit(1);
    }
    CAF_REQUIRE(eventually([this] { return ask("ping") == std::vector<std::string>{"PONG"}; }));
  }
  ~redis_server() {
    ::kill(process_, SIGKILL);
    ::waitpid(process_, nullptr, 0);
  }
  redis_server(const redis_server&) = delete;
  redis_server& operator=(const redis_server&) = delete;

  [[nodiscard]] std::string url() const { return "redis://127.0.0.1:" + port_; }

  /// The ids of all events in the stream, in order.
  [[nodiscard]] std::vector<std::string> ids() const {
    auto lines = ask("xrange waybill.events - +");
    std::erase_if(lines, [](const auto& line) { return !line.starts_with("evt_"); });
    return lines;
  }

private:
  [[nodiscard]] std::vector<std::string> ask(const std::string& command) const {
    const std::unique_ptr<FILE, int (*)(FILE*)> pipe{
      ::popen(("redis-cli -p " + port_ + ' ' + command + " 2>&1").c_str(), "r"), &::pclose};
    std::string text;
    std::array<char, 4096> part{};
    while (pipe && std::fgets(part.data(), part.size(), pipe.get()) != nullptr)
      text += part.data();
    std::vector<std::string> lines;
    for (std::size_t from = 0; from < text.size();) {
      const auto end = std::min(text.find('\n', from), text.size());
      lines.push_back(text.substr(from, end - from));
      from = end + 1;
    }
    return lines;
  }

  std::string port_;
  pid_t process_ = -1;
};

std::vector<std::string> settings() {
  auto all = quick_settings();
  all.emplace_back("--sink-targets=any");
  return all;
}

/// Makes a sink for the events of orders and returns its id.
std::string publish_to(const std::string& url, const redis_server& broker) {
  outbound::api_request request;
  request.method = "POST";
  request.target = "/v1/sinks";
  request.body = R"({"url":")" + broker.url() + R"(","types":["order.*"]})";
  const auto made = call(url, request).value();
  CAF_REQUIRE_EQUAL(made.status, 201u);
  return text_at(made.body, "/id");
}

std::vector<std::string> first_copies(const std::vector<std::string>& ids) {
  std::set<std::string> known;
  std::vector<std::string> copies;
  for (const auto& id : ids)
    if (known.insert(id).second)
      copies.push_back(id);
  return copies;
}

/// The events of orders in the log, in order.
std::vector<std::string> logged(const std::string& url) {
  std::string cursor;
  std::vector<std::string> ids;
  follow_log(url, cursor, ids);
  std::erase_if(ids, [](const auto& id) { return !id.starts_with("evt_ord_"); });
  return ids;
}

/// Ends the relay that owns the sink in the middle of the orders; another node has the role, too.
void take_over(void (*end)(node_process&)) {
  const redis_server broker;
  role_cluster shop{settings()};
  shop.add("relay-1", "relay");
  shop.add("relay-2", "relay");
  std::string sink;
  CAF_REQUIRE(eventually([&] { return get(shop.url(), "/v1/sinks/snk_00000000000000000000")->status == 404; }));
  sink = publish_to(shop.url(), broker);
  auto wishes = mixed_wishes(many, stock_products(shop.url()));
  {
    rush orders{shop.url(), wishes, std::chrono::seconds{60}};
    CAF_REQUIRE(eventually([&] { return broker.ids().size() > many; }));
    const auto shown = get(shop.url(), "/v1/actors/sink/" + sink).value();
    const auto owner = text_at(shown.body, "/node");
    CAF_REQUIRE(owner == "relay-1" || owner == "relay-2");
    end(shop.node(owner));
    orders.wait();
  }
  CAF_CHECK_EQUAL(lines_of(await_rest_untouched(shop.url(), std::chrono::seconds{60})), "");
  const auto expected = logged(shop.url());
  CAF_CHECK(expected.size() > many);
  CAF_CHECK(
    eventually([&] { return first_copies(broker.ids()).size() >= expected.size(); }, std::chrono::seconds{120}));
  CAF_CHECK(first_copies(broker.ids()) == expected);
}

} // namespace

SCENARIO("G4: another node goes on with a sink whose node was killed: nothing is lost, the first copies are in order") {
  take_over([](node_process& owner) { owner.kill(); });
}

SCENARIO("G4: another node goes on with a sink whose node was told to stop") {
  take_over([](node_process& owner) { CAF_CHECK_EQUAL(owner.stop(), std::optional<int>{0}); });
}
