#pragma once

#include <cstdint>
#include <string>

#include <sys/types.h>

/// Whose process is at the other end of a TCP connection within this machine, as the kernel knows it. None of it waits
/// for another process.
namespace waybill {

/// `loopback` is 127.0.0.0/8 and ::1; `gone` when the socket is not connected any more.
enum class address_kind : std::uint8_t { loopback, other, gone };

/// Of the other end of a connected socket, and of the address at which a socket listens.
address_kind kind_of_peer(int socket);
address_kind kind_of_own(int socket);

/// What the kernel says of the other end of a connection.
struct peer_user {
  enum class outcome : std::uint8_t {
    /// It stands, and a process of `user` made it or accepted it.
    found,
    /// One of both ends is closed: what came through the connection may be of anybody, and no harm was seen.
    hung_up,
    /// The connection stands, and no user can be named; `reason` says why.
    unknown,
  };

  outcome state = outcome::hung_up;
  uid_t user = 0;
  std::string reason;
};

/// By sock_diag(7); on a kernel without it by the table in /proc. The end that connects must not ask before it has
/// heard something: until a process accepts a connection its other end is unknown.
peer_user user_at_other_end(int socket);

/// The two ways: one question, whatever the number of sockets, but not every kernel has it; and a table of all sockets.
peer_user user_by_sock_diag(int socket);
peer_user user_by_proc(int socket);

} // namespace waybill
