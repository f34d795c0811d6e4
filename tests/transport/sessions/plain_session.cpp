#include "transport/sessions/plain_session.hpp"

#include "tests/support/as_user.hpp"
#include "tests/support/tls_stranger.hpp"
#include "transport/transport.hpp"

#include <caf/event_based_actor.hpp>
#include <caf/io/middleman.hpp>
#include <caf/scoped_actor.hpp>

#include <cerrno>
#include <mutex>
#include <optional>

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#define CAF_SUITE transport.plain_session
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::test;

namespace {

using namespace std::chrono_literals;

constexpr uid_t nobody = 65'534;

/// A process of the cluster, without TLS.
struct process {
  explicit process(bool is_tool = false)
    : link{sys, {nullptr, [this](const std::string&, const std::string& reason) { note(reason); }, is_tool}} {}

  void note(const std::string& reason) {
    const std::lock_guard lock{mutex};
    distrusted += reason + '\n';
  }

  std::string distrust() {
    const std::lock_guard lock{mutex};
    return distrusted;
  }

  std::uint16_t publish(const std::string& address) {
    echo = sys.spawn([]() -> caf::behavior { return {[](int number) { return number; }}; });
    const auto port = link.publish(echo, 0, address);
    CAF_REQUIRE(static_cast<bool>(port));
    return *port;
  }

  ~process() {
    if (echo)
      caf::anon_send_exit(echo, caf::exit_reason::user_shutdown);
  }

  std::mutex mutex;
  std::string distrusted;
  transport_config config;
  caf::actor_system sys{config};
  transport link;
  caf::actor echo;
};

/// A port of another program, which says `words` to the first who comes.
struct foreign_port {
  foreign_port() {
    sockaddr_in where{};
    where.sin_family = AF_INET;
    where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof where;
    CAF_REQUIRE_EQUAL(::bind(listener, reinterpret_cast<sockaddr*>(&where), size), 0);
    CAF_REQUIRE_EQUAL(::listen(listener, 8), 0);
    ::getsockname(listener, reinterpret_cast<sockaddr*>(&where), &size);
    number = ntohs(where.sin_port);
  }
  ~foreign_port() {
    ::close(accepted);
    ::close(listener);
  }
  void greet(std::string_view words) {
    accepted = ::accept(listener, nullptr, nullptr);
    ::send(accepted, words.data(), words.size(), MSG_NOSIGNAL);
  }

  int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  int accepted = -1;
  std::uint16_t number = 0;
};

/// The number that came back from the other process; nothing when there is no connection.
std::optional<int> ask(process& from, std::uint16_t port) {
  std::optional<int> heard;
  caf::scoped_actor self{from.sys};
  self->request(from.link.connector(), 20s, caf::connect_atom_v, std::string{"127.0.0.1"}, port)
    .receive(
      [&](const caf::node_id&, const caf::strong_actor_ptr& published, const std::set<std::string>&) {
        self->request(caf::actor_cast<caf::actor>(published), 20s, 42)
          .receive([&](int number) { heard = number; }, [](const caf::error&) {});
      },
      [](const caf::error&) {});
  return heard;
}

bool can_be_two_users() {
  if (::geteuid() == 0)
    return true;
  CAF_MESSAGE("skipped: only root can be two users");
  return false;
}

/// What a process as root says of the port of another user; it connects, and the port greets it.
std::string judge_port_of_nobody(bool is_tool) {
  process own{is_tool};
  std::optional<foreign_port> there;
  caf::scoped_actor self{own.sys};
  {
    const as_user other{nobody};
    there.emplace();
    self->send(own.link.connector(), caf::connect_atom_v, std::string{"127.0.0.1"}, there->number);
    there->greet(std::string(48, 'x'));
  }
  // It hangs up either way: what was said is not of the protocol.
  const timeval patience{30, 0};
  ::setsockopt(there->accepted, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  char answered[256];
  ssize_t count = 0;
  while ((count = ::recv(there->accepted, answered, sizeof answered, 0)) > 0)
    continue;
  CAF_CHECK(count == 0 || errno == ECONNRESET);
  return own.distrust();
}

} // namespace

SCENARIO("processes of one user reach each other without TLS") {
  process there;
  const auto port = there.publish("127.0.0.1");
  process here;
  CHECK_EQ(ask(here, port), 42);
  process tool{true};
  CHECK_EQ(ask(tool, port), 42);
  CHECK_EQ(there.distrust() + here.distrust() + tool.distrust(), "");
}

SCENARIO("another user of the machine gets no byte out of a plain port on loopback, and none into it") {
  if (!can_be_two_users())
    return;
  process there;
  const auto port = there.publish("127.0.0.1");
  std::optional<plain_stranger> caller;
  {
    const as_user other{nobody};
    caller.emplace("127.0.0.1:" + std::to_string(port));
  }
  caller->say(std::string(48, '\0'));
  CHECK_EQ(caller->everything(), "");
  CHECK(caller->was_closed());
  CHECK(there.distrust().find("it runs as user 65534, this process as user 0") != std::string::npos);
  process here;
  CHECK_EQ(ask(here, port), 42);
}

SCENARIO("where it listens for other machines, a plain port asks nobody who he is") {
  if (!can_be_two_users())
    return;
  process there;
  const auto port = there.publish("0.0.0.0");
  std::optional<plain_stranger> caller;
  {
    const as_user other{nobody};
    caller.emplace("127.0.0.1:" + std::to_string(port));
  }
  char byte = 0;
  CHECK_EQ(::recv(caller->socket(), &byte, 1, 0), 1);
  CHECK_EQ(there.distrust(), "");
}

SCENARIO("a node believes no port of another user; a tool of root asks the nodes of all users") {
  if (!can_be_two_users())
    return;
  CHECK(judge_port_of_nobody(false).find("it runs as user 65534, this process as user 0") != std::string::npos);
  CHECK_EQ(judge_port_of_nobody(true), "");
}
