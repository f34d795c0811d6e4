#include "transport/sessions/peer_user.hpp"

#include "domain/base/errors.hpp"
#include "tests/support/as_user.hpp"

#include <array>
#include <optional>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#define CAF_SUITE transport.peer_user
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::test;

namespace {

constexpr uid_t nobody = 65'534;
constexpr uid_t somebody = 12'345;

using way = result<uid_t> (*)(int);
constexpr std::array<way, 2> both_ways = {&user_by_sock_diag, &user_by_proc};

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

void check_unknown(const open_socket& asks) {
  for (const auto ask : both_ways) {
    const auto user = ask(asks.number);
    CAF_REQUIRE(user.has_error());
    CAF_CHECK(user.error().code == ec::not_found);
  }
  CAF_CHECK(user_at_other_end(asks.number).has_error());
}

void check_user(const open_socket& asks, uid_t expected) {
  for (const auto ask : both_ways) {
    const auto user = ask(asks.number);
    CAF_REQUIRE(user.has_value());
    CAF_CHECK_EQUAL(*user, expected);
  }
  CAF_CHECK(user_at_other_end(asks.number).has_value());
}

} // namespace

SCENARIO("both ends of a connection know whose process the other one is") {
  for (auto [family, address] :
       {std::pair{AF_INET, "127.0.0.1"}, {AF_INET, "127.9.8.7"}, {AF_INET6, "::1"}, {AF_INET6, "::ffff:127.0.0.1"}}) {
    CAF_MESSAGE(address);
    port there{family, address};
    const auto client = there.connect();
    const auto server = there.accept();
    check_user(client, ::geteuid());
    check_user(server, ::geteuid());
    CHECK(peer_is_loopback(client.number));
    CHECK(peer_is_loopback(server.number));
    CHECK(own_is_loopback(there.listener.number));
    CHECK(user_who_listens(client.number) == ::geteuid());
  }
  CHECK(!own_is_loopback(port{AF_INET, "0.0.0.0"}.listener.number));
  CHECK(!own_is_loopback(port{AF_INET6, "::"}.listener.number));
}

SCENARIO("a mapped address of version 4 is found by its peer of version 4") {
  port there;
  port mapped{AF_INET6, "::ffff:127.0.0.1"};
  reinterpret_cast<sockaddr_in6&>(mapped.address).sin6_port = reinterpret_cast<sockaddr_in&>(there.address).sin_port;
  const auto client = mapped.connect();
  const auto server = there.accept();
  check_user(client, ::geteuid());
  check_user(server, ::geteuid());
}

SCENARIO("who says something and hangs up is nobody, not root") {
  port there;
  auto client = there.connect();
  CHECK_EQ(::send(client.number, "order", 5, 0), 5);
  client.close();
  const auto server = there.accept();
  check_unknown(server);
  // By a reset, so that nothing is left of the other end.
  auto rude = there.connect();
  const auto other = there.accept();
  const linger at_once{1, 0};
  ::setsockopt(rude.number, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  rude.close();
  check_unknown(other);
}

SCENARIO("as long as nobody has accepted a connection, its other end is nobody's") {
  port there;
  const auto client = there.connect();
  check_unknown(client);
  const auto server = there.accept();
  check_user(client, ::geteuid());
}

SCENARIO("a connection of another user is known as its") {
  if (::geteuid() != 0) {
    CAF_MESSAGE("skipped: only root can be two users");
    return;
  }
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
  CHECK(user_who_listens(client->number) == uid_t{0});
}
