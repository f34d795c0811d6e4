#include "transport/sessions/peer_user.hpp"

#include "tests/support/as_user.hpp"

#include <array>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/socket.h>
#include <unistd.h>

#define CAF_SUITE transport.peer_user
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::test;

namespace {

constexpr uid_t nobody = 65'534;
constexpr uid_t somebody = 12'345;

using outcome = peer_user::outcome;
using way = peer_user (*)(int);
constexpr std::array<way, 3> all_ways = {&user_by_sock_diag, &user_by_proc, &user_at_other_end};

/// A socket that is closed at the end, or before.
struct open_socket {
  explicit open_socket(int fd) : number(fd) {}
  open_socket(open_socket&& other) noexcept : number(std::exchange(other.number, -1)) {}
  open_socket& operator=(open_socket&&) = delete;
  ~open_socket() { close(); }
  void close() {
    if (number >= 0)
      ::close(std::exchange(number, -1));
  }
  int number;
};

/// A listener on a free port, and those who connect to it.
struct port {
  explicit port(int with_family = AF_INET, const char* at = "127.0.0.1") : family(with_family) {
    size = family == AF_INET ? sizeof(sockaddr_in) : sizeof(sockaddr_in6);
    address.ss_family = static_cast<sa_family_t>(family);
    void* const to = family == AF_INET ? static_cast<void*>(&reinterpret_cast<sockaddr_in&>(address).sin_addr)
                                       : &reinterpret_cast<sockaddr_in6&>(address).sin6_addr;
    ::inet_pton(family, at, to);
    CAF_REQUIRE_EQUAL(::bind(listener.number, generic(), size), 0);
    CAF_REQUIRE_EQUAL(::listen(listener.number, 8), 0);
    ::getsockname(listener.number, generic(), &size);
  }

  sockaddr* generic() { return reinterpret_cast<sockaddr*>(&address); }

  open_socket connect() {
    open_socket made{::socket(family, SOCK_STREAM, 0)};
    CAF_REQUIRE_EQUAL(::connect(made.number, generic(), size), 0);
    return made;
  }

  open_socket accept() const { return open_socket{::accept(listener.number, nullptr, nullptr)}; }

  int family;
  sockaddr_storage address{};
  socklen_t size = 0;
  open_socket listener{::socket(family, SOCK_STREAM, 0)};
};

void check_no_user(const open_socket& asks, outcome expected) {
  for (const auto ask : all_ways) {
    const auto answer = ask(asks.number);
    CAF_CHECK(answer.state == expected);
    CAF_CHECK_EQUAL(answer.reason.empty(), expected == outcome::hung_up);
  }
}

void check_user(const open_socket& asks, uid_t expected) {
  for (const auto ask : all_ways) {
    const auto answer = ask(asks.number);
    CAF_CHECK(answer.state == outcome::found);
    CAF_CHECK_EQUAL(answer.user, expected);
  }
}

void reset(open_socket& made) {
  const linger at_once{1, 0};
  ::setsockopt(made.number, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  made.close();
}

bool is_root() {
  if (::geteuid() == 0)
    return true;
  CAF_MESSAGE("skipped: for root only");
  return false;
}

} // namespace

SCENARIO("both ends of a connection know the user of the other process") {
  for (auto [family, address] :
       {std::pair{AF_INET, "127.0.0.1"}, {AF_INET, "127.9.8.7"}, {AF_INET6, "::1"}, {AF_INET6, "::ffff:127.0.0.1"}}) {
    CAF_MESSAGE(address);
    port there{family, address};
    const auto client = there.connect();
    const auto server = there.accept();
    check_user(client, ::geteuid());
    check_user(server, ::geteuid());
    CHECK(kind_of_peer(client.number) == address_kind::loopback);
    CHECK(kind_of_peer(server.number) == address_kind::loopback);
    CHECK(kind_of_own(there.listener.number) == address_kind::loopback);
  }
  CHECK(kind_of_own(port{AF_INET, "0.0.0.0"}.listener.number) == address_kind::other);
  CHECK(kind_of_own(port{AF_INET6, "::"}.listener.number) == address_kind::other);
}

SCENARIO("the user behind an IPv4-mapped IPv6 address is found") {
  port there;
  port mapped{AF_INET6, "::ffff:127.0.0.1"};
  reinterpret_cast<sockaddr_in6&>(mapped.address).sin6_port = reinterpret_cast<sockaddr_in&>(there.address).sin_port;
  const auto client = mapped.connect();
  const auto server = there.accept();
  check_user(client, ::geteuid());
  check_user(server, ::geteuid());
}

SCENARIO("a peer that sends data and disconnects has no known user, and not root") {
  port there;
  auto client = there.connect();
  CHECK_EQ(::send(client.number, "order", 5, 0), 5);
  client.close();
  const auto server = there.accept();
  check_no_user(server, outcome::hung_up);
  // By a reset, so that nothing is left of the other end.
  auto rude = there.connect();
  const auto other = there.accept();
  reset(rude);
  check_no_user(other, outcome::hung_up);
  CHECK(kind_of_peer(other.number) == address_kind::gone);
}

SCENARIO("a peer that closed its sending side has no known user, although its socket is still open") {
  port there;
  const auto client = there.connect();
  const auto server = there.accept();
  ::shutdown(client.number, SHUT_WR);
  check_no_user(server, outcome::hung_up);
}

SCENARIO("a peer that disconnects with unsent bytes has no known user, although its end seems open") {
  port there;
  auto client = there.connect();
  const auto server = there.accept();
  const std::string much(65'536, 'x');
  while (::send(client.number, much.data(), much.size(), MSG_DONTWAIT) > 0)
    continue;
  client.close();
  // The end of the stream waits behind the bytes, so this end is still established.
  check_no_user(server, outcome::hung_up);
}

SCENARIO("the other end of a connection that is not accepted yet has no known user") {
  port there;
  const auto client = there.connect();
  check_no_user(client, outcome::unknown);
  const auto server = there.accept();
  check_user(client, ::geteuid());
}

SCENARIO("the address of a disconnected peer cannot be taken by another process") {
  port there;
  // From an address that no other process of the machine uses: its ports are free again for sure.
  sockaddr_storage from{};
  socklen_t size = sizeof(sockaddr_in);
  from.ss_family = AF_INET;
  ::inet_pton(AF_INET, "127.66.7.8", &reinterpret_cast<sockaddr_in&>(from).sin_addr);
  open_socket client{::socket(AF_INET, SOCK_STREAM, 0)};
  CAF_REQUIRE_EQUAL(::bind(client.number, reinterpret_cast<sockaddr*>(&from), size), 0);
  CAF_REQUIRE_EQUAL(::connect(client.number, there.generic(), there.size), 0);
  const auto server = there.accept();
  ::getsockname(client.number, reinterpret_cast<sockaddr*>(&from), &size);
  reset(client);
  // Of the same user, from the same port, while the first connection is still held here.
  open_socket second{::socket(AF_INET, SOCK_STREAM, 0)};
  const int on = 1;
  ::setsockopt(second.number, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  CAF_REQUIRE_EQUAL(::bind(second.number, reinterpret_cast<sockaddr*>(&from), size), 0);
  CAF_REQUIRE_EQUAL(::connect(second.number, there.generic(), there.size), 0);
  const auto other = there.accept();
  check_no_user(server, outcome::hung_up);
  check_user(other, ::geteuid());
}

SCENARIO("a socket of another network namespace has no known user") {
  if (!is_root())
    return;
  // Another network namespace has a loopback of its own, and a socket keeps the one it was made in.
  port there;
  const auto client = there.connect();
  const auto server = there.accept();
  std::thread{[&] {
    CAF_REQUIRE_EQUAL(::unshare(CLONE_NEWNET), 0);
    check_no_user(server, outcome::unknown);
    CAF_CHECK(user_at_other_end(server.number).reason.find("another network namespace") != std::string::npos);
  }}.join();
  check_user(server, ::geteuid());
}

SCENARIO("a connection of another user is recognised as theirs") {
  if (!is_root())
    return;
  port there;
  std::optional<open_socket> client;
  {
    const as_user other{nobody};
    client.emplace(there.connect());
  }
  std::optional<open_socket> server;
  {
    const as_user other{somebody};
    server.emplace(there.accept());
  }
  check_user(*server, nobody);
  check_user(*client, somebody);
}
