#include "transport/sessions/plain_session.hpp"

#include "tests/support/as_user.hpp"
#include "tests/support/tls_stranger.hpp"
#include "transport/sessions/preface.hpp"
#include "transport/transport.hpp"

#include <caf/event_based_actor.hpp>
#include <caf/io/middleman.hpp>
#include <caf/scoped_actor.hpp>

#include <cerrno>
#include <mutex>
#include <optional>
#include <string>

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

/// The next `size` bytes; fewer when the other side hangs up before.
std::string hear(int socket, std::size_t size) {
  std::string heard(size, '\0');
  const auto count = ::recv(socket, heard.data(), size, MSG_WAITALL);
  CAF_CHECK(count >= 0 || errno == ECONNRESET);
  heard.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
  return heard;
}

/// A port of another program, to which one process connects.
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
  void accept() {
    accepted = ::accept(listener, nullptr, nullptr);
    const timeval patience{30, 0};
    ::setsockopt(accepted, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  }
  void say(const std::string& words) const { ::send(accepted, words.data(), words.size(), MSG_NOSIGNAL); }

  int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  int accepted = -1;
  std::uint16_t number = 0;
};

std::string words(preface::kind meaning, uid_t user = ::geteuid()) {
  const auto bytes = to_bytes({meaning, user});
  return {bytes.data(), bytes.size()};
}

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

std::string told(const std::string& peer_user, const std::string& own_user) {
  return "it runs as user " + peer_user + ", this process as user " + own_user;
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// The reaction of a process to a port of another program that sends `answer`.
struct reaction {
  std::string said;
  std::string distrust;
};

enum class afterwards : std::uint8_t { hangs_up, stays };

reaction reaction_to(const std::string& answer, afterwards then = afterwards::hangs_up,
                     uid_t user_of_port = ::geteuid(), bool is_tool = false) {
  process own{is_tool};
  std::optional<foreign_port> there;
  caf::scoped_actor self{own.sys};
  {
    const as_user other{user_of_port};
    there.emplace();
    self->send(own.link.connector(), caf::connect_atom_v, std::string{"127.0.0.1"}, there->number);
    there->accept();
  }
  auto said = hear(there->accepted, preface_size);
  there->say(answer);
  if (then == afterwards::hangs_up)
    ::shutdown(there->accepted, SHUT_WR);
  // To the end, or enough to see that more follows.
  said += hear(there->accepted, preface_size + 1);
  return {said, own.distrust()};
}

} // namespace

SCENARIO("processes of the same user connect without TLS") {
  process there;
  const auto port = there.publish("127.0.0.1");
  for (const bool is_tool : {false, true}) {
    process here{is_tool};
    CHECK_EQ(ask(here, port), 42);
    CHECK_EQ(here.distrust(), "");
  }
  CHECK_EQ(there.distrust(), "");
}

SCENARIO("a plain port on loopback refuses another user of the machine, and reads none of their messages") {
  if (!can_be_two_users())
    return;
  process there;
  const auto port = there.publish("127.0.0.1");
  std::optional<plain_stranger> caller;
  {
    const as_user other{nobody};
    caller.emplace("127.0.0.1:" + std::to_string(port));
  }
  caller->say(words(preface::kind::hello) + words(preface::kind::trusts) + std::string(48, '\0'));
  CHECK_EQ(caller->everything(), words(preface::kind::refuses_user));
  CHECK(caller->was_closed());
  CHECK(contains(there.distrust(), told("65534", "0")));
  process here;
  CHECK_EQ(ask(here, port), 42);
}

SCENARIO("a plain port that listens for other machines does not check users") {
  if (!can_be_two_users())
    return;
  process there;
  const auto port = there.publish("0.0.0.0");
  std::optional<plain_stranger> caller;
  {
    const as_user other{nobody};
    caller.emplace("127.0.0.1:" + std::to_string(port));
  }
  caller->say(words(preface::kind::hello) + words(preface::kind::trusts));
  // The preface, and the beginning of CAF's handshake.
  const auto heard = hear(caller->socket(), preface_size + 1);
  CHECK(heard.starts_with(words(preface::kind::trusts)));
  CHECK_EQ(heard.size(), preface_size + 1);
  CHECK_EQ(there.distrust(), "");
}

SCENARIO("a node sends only hello to a port that has not answered or refuses it") {
  const auto refused = reaction_to(words(preface::kind::refuses_user, 7));
  CHECK_EQ(refused.said, words(preface::kind::hello));
  CHECK(contains(refused.distrust, told("7", std::to_string(::geteuid()))));
  const auto unknown = reaction_to(words(preface::kind::refuses_unknown));
  CHECK_EQ(unknown.said, words(preface::kind::hello));
  CHECK(contains(unknown.distrust, "it cannot learn whose process this one is"));
  // Another protocol, an answer out of turn, and one that hangs up: no matter of trust.
  for (const auto& answer :
       {std::string(48, 'x'), words(preface::kind::hello), std::string{"waybill"}, std::string{}}) {
    const auto silent = reaction_to(answer);
    CHECK_EQ(silent.said, words(preface::kind::hello));
    CHECK_EQ(silent.distrust, "");
  }
}

SCENARIO("a node trusts no port of another user; a tool of root connects to the nodes of all users") {
  if (!can_be_two_users())
    return;
  const auto own = words(preface::kind::hello) + words(preface::kind::trusts);
  const auto node = reaction_to(words(preface::kind::trusts), afterwards::stays, nobody);
  CHECK_EQ(node.said, words(preface::kind::hello) + words(preface::kind::refuses_user));
  CHECK(contains(node.distrust, told("65534", "0")));
  const auto tool = reaction_to(words(preface::kind::trusts), afterwards::stays, nobody, true);
  CHECK(tool.said.starts_with(own));
  CHECK(tool.said.size() > own.size());
  CHECK_EQ(tool.distrust, "");
}

SCENARIO("a node logs why it refuses another protocol, and nothing about a mere port check") {
  process there;
  const auto address = "127.0.0.1:" + std::to_string(there.publish("127.0.0.1"));
  plain_stranger{address};
  plain_stranger browser{address};
  browser.say("GET / HTTP/1.1\r\n\r\n");
  CHECK_EQ(browser.everything(), words(preface::kind::trusts));
  CHECK(browser.was_closed());
  CHECK_EQ(there.distrust(), "it speaks another protocol, or TLS, or is of another version\n");
}

SCENARIO("a node that was trusted and is refused says so") {
  process there;
  const auto port = there.publish("127.0.0.1");
  plain_stranger caller{"127.0.0.1:" + std::to_string(port)};
  caller.say(words(preface::kind::hello) + words(preface::kind::refuses_user, 7));
  // Not one byte of the protocol for a peer that has not agreed.
  CHECK_EQ(caller.everything(), words(preface::kind::trusts));
  CHECK(contains(there.distrust(), told("7", std::to_string(::geteuid()))));
}
