#include "transport/sessions/peer_user.hpp"

#include "domain/base/errors.hpp"
#include "domain/base/result.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <ios>
#include <optional>
#include <sstream>
#include <string>

#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

namespace waybill {

namespace {

using address = sockaddr_storage;
using own_or_peer = int (*)(int, sockaddr*, socklen_t*) noexcept;

std::optional<address> address_of(int socket, own_or_peer end) {
  address known{};
  socklen_t size = sizeof known;
  if (end(socket, reinterpret_cast<sockaddr*>(&known), &size) != 0)
    return std::nullopt;
  return known;
}

bool is_loopback(const address& known) {
  if (known.ss_family == AF_INET)
    return (ntohl(reinterpret_cast<const sockaddr_in&>(known).sin_addr.s_addr) >> 24) == 127;
  if (known.ss_family != AF_INET6)
    return false;
  const auto& v6 = reinterpret_cast<const sockaddr_in6&>(known).sin6_addr;
  return IN6_IS_ADDR_LOOPBACK(&v6) || (IN6_IS_ADDR_V4MAPPED(&v6) && v6.s6_addr[12] == 127);
}

address_kind kind_of(const std::optional<address>& known) {
  if (!known)
    return address_kind::gone;
  return is_loopback(*known) ? address_kind::loopback : address_kind::other;
}

void write(const address& from, __be16& port, __be32 (&to)[4]) {
  if (from.ss_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(from);
    port = v4.sin_port;
    to[0] = v4.sin_addr.s_addr;
    return;
  }
  const auto& v6 = reinterpret_cast<const sockaddr_in6&>(from);
  port = v6.sin6_port;
  std::memcpy(to, &v6.sin6_addr, sizeof to);
}

struct question {
  nlmsghdr header{};
  inet_diag_req_v2 body{};
};

struct answer {
  nlmsghdr header{};
  union {
    nlmsgerr error;
    inet_diag_msg socket{};
  };
  char attributes[1024];
};

/// What the kernel knows of a socket.
struct known_socket {
  int state = 0;
  uid_t user = 0;
  std::uint64_t inode = 0;
};

failure silent(int reason) {
  return {ec::unavailable, std::string{"the kernel does not say whose process it is: "} + std::strerror(reason)};
}

failure nobody() {
  return {ec::not_found, "no process of this network namespace has the other end of the connection: a redirection, or "
                         "another network namespace, is between"};
}

/// The kernel answers before it has taken the whole question.
result<known_socket> ask_kernel(const question& asked) {
  const int netlink = ::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
  if (netlink < 0)
    return silent(errno);
  sockaddr_nl kernel{};
  kernel.nl_family = AF_NETLINK;
  answer got;
  // Connected, it hears the kernel only.
  const bool sent = ::connect(netlink, reinterpret_cast<sockaddr*>(&kernel), sizeof kernel) == 0
                    && ::send(netlink, &asked, sizeof asked, 0) == sizeof asked;
  const auto size = sent ? ::recv(netlink, &got, sizeof got, MSG_DONTWAIT) : -1;
  const int reason = errno;
  ::close(netlink);
  if (size < 0)
    return silent(reason);
  if (got.header.nlmsg_type == NLMSG_ERROR && static_cast<std::size_t>(size) >= NLMSG_LENGTH(sizeof got.error))
    return got.error.error == -ENOENT ? nobody() : silent(-got.error.error);
  if (got.header.nlmsg_type != SOCK_DIAG_BY_FAMILY || static_cast<std::size_t>(size) < NLMSG_LENGTH(sizeof got.socket))
    return silent(EPROTO);
  return known_socket{got.socket.idiag_state, got.socket.idiag_uid, got.socket.idiag_inode};
}

question about(const address& own, const address& other) {
  question asked;
  asked.header.nlmsg_len = sizeof asked;
  asked.header.nlmsg_type = SOCK_DIAG_BY_FAMILY;
  asked.header.nlmsg_flags = NLM_F_REQUEST;
  asked.body.sdiag_family = static_cast<__u8>(own.ss_family);
  asked.body.sdiag_protocol = IPPROTO_TCP;
  asked.body.idiag_states = ~__u32{0};
  write(own, asked.body.id.idiag_sport, asked.body.id.idiag_src);
  write(other, asked.body.id.idiag_dport, asked.body.id.idiag_dst);
  asked.body.id.idiag_cookie[0] = INET_DIAG_NOCOOKIE;
  asked.body.id.idiag_cookie[1] = INET_DIAG_NOCOOKIE;
  return asked;
}

bool is_v4(const address& known) {
  return known.ss_family == AF_INET || IN6_IS_ADDR_V4MAPPED(&reinterpret_cast<const sockaddr_in6&>(known).sin6_addr);
}

/// As the tables in /proc have it: 0100007F:1004, or with 32 digits.
std::string to_table_text(const address& known, bool with_v6) {
  __be32 words[4] = {};
  __be16 port = 0;
  write(known, port, words);
  if (known.ss_family == AF_INET && with_v6) {
    words[3] = words[0];
    words[2] = htonl(0xFFFF);
    words[0] = 0;
  }
  // Of a mapped address the last word is the one of version 4.
  const bool short_of_mapped = known.ss_family != AF_INET && !with_v6;
  std::string text;
  char digits[16];
  for (std::size_t i = short_of_mapped ? 3 : 0; i < (with_v6 || short_of_mapped ? 4U : 1U); ++i) {
    std::snprintf(digits, sizeof digits, "%08X", words[i]);
    text += digits;
  }
  std::snprintf(digits, sizeof digits, ":%04X", ntohs(port));
  return text + digits;
}

result<known_socket> find_in_table(const std::string& file, const std::string& own, const std::string& other) {
  std::ifstream table{file};
  if (!table)
    return silent(ENOENT);
  for (std::string line; std::getline(table, line);) {
    std::istringstream fields{line};
    std::string number, from, to, queues, timer, retries, timeout;
    known_socket found;
    fields >> number >> from >> to >> std::hex >> found.state >> std::dec >> queues >> timer >> retries >> found.user
      >> timeout >> found.inode;
    if (fields && from == own && to == other)
      return found;
  }
  return nobody();
}

result<known_socket> find_in_tables(const address& own, const address& other) {
  result<known_socket> found = nobody();
  if (is_v4(own))
    found = find_in_table("/proc/thread-self/net/tcp", to_table_text(own, false), to_table_text(other, false));
  // A socket of version 6 may have addresses of version 4.
  if (found.has_error())
    if (auto v6 = find_in_table("/proc/thread-self/net/tcp6", to_table_text(own, true), to_table_text(other, true));
        v6.has_value() || !is_v4(own))
      return v6;
  return found;
}

bool is_established(int socket) {
  tcp_info info{};
  socklen_t size = sizeof info;
  return ::getsockopt(socket, IPPROTO_TCP, TCP_INFO, &info, &size) == 0 && info.tcpi_state == TCP_ESTABLISHED;
}

peer_user unknown(const failure& reason) {
  return {peer_user::outcome::unknown, 0, reason.detail};
}

/// `other_end` is the socket that has the peer's address and is connected to the own one of `socket`.
peer_user judge(int socket, const result<known_socket>& other_end) {
  // As long as this end stands, nobody else can have the address of the other one. So this comes after the answer: the
  // end may have fallen before, and a connection of another user have come in its place.
  if (!is_established(socket))
    return {};
  if (other_end.has_error())
    return unknown(other_end.error());
  switch (other_end->state) {
    case TCP_ESTABLISHED:
      // A socket that waits to be accepted has no inode, and says the user of the listener.
      if (other_end->inode == 0)
        break;
      return {peer_user::outcome::found, other_end->user, {}};
    case TCP_LISTEN:
      // The kernel answers with who listens at an address when nobody is connected from there.
      return unknown(nobody());
    case TCP_SYN_SENT:
    case TCP_SYN_RECV: break;
    default:
      // Closed: such a socket has no user, or says root's.
      return {};
  }
  return unknown({ec::unavailable, "no process has accepted the connection yet"});
}

template <class Find>
peer_user user_by(int socket, Find find) {
  const auto own = address_of(socket, &::getsockname);
  const auto peer = address_of(socket, &::getpeername);
  return own && peer ? judge(socket, find(*peer, *own)) : peer_user{};
}

/// A kernel without sock_diag, or with a part of it, says of every socket that it is not there.
bool sock_diag_knows(int socket) {
  const auto own = address_of(socket, &::getsockname);
  const auto peer = address_of(socket, &::getpeername);
  return own && peer && ask_kernel(about(*own, *peer)).has_value();
}

} // namespace

address_kind kind_of_peer(int socket) {
  return kind_of(address_of(socket, &::getpeername));
}

address_kind kind_of_own(int socket) {
  return kind_of(address_of(socket, &::getsockname));
}

peer_user user_by_sock_diag(int socket) {
  return user_by(socket, [](const address& own, const address& other) { return ask_kernel(about(own, other)); });
}

peer_user user_by_proc(int socket) {
  return user_by(socket, find_in_tables);
}

peer_user user_at_other_end(int socket) {
  auto user = user_by_sock_diag(socket);
  // The table costs time for every socket of the machine, and who is refused can ask for it again and again.
  if (user.state == peer_user::outcome::unknown && !sock_diag_knows(socket))
    return user_by_proc(socket);
  return user;
}

} // namespace waybill
