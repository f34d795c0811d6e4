#pragma once

#include "domain/base/result.hpp"

#include <optional>

#include <sys/types.h>

/// Whose process is at the other end of a TCP connection within this machine, as the kernel knows it. None of it waits
/// for another process.
namespace waybill {

/// Whether the other end of a connected socket, or the own address of a listening one, is in 127.0.0.0/8 or ::1.
bool peer_is_loopback(int socket);
bool own_is_loopback(int socket);

/// The user who made the socket at the other end, by sock_diag(7), else by the table in /proc. Fails with ec::not_found
/// when no process of this network namespace has that end, or has it no longer: what came through the connection may be
/// of anybody then. Fails with ec::unavailable when the kernel does not tell.
result<uid_t> user_at_other_end(int socket);

/// The two ways: one question, whatever the number of sockets, but not every kernel has it; and a table of all sockets.
result<uid_t> user_by_sock_diag(int socket);
result<uid_t> user_by_proc(int socket);

/// The user who listens on the address to which the socket is connected; good for explanations only.
std::optional<uid_t> user_who_listens(int socket);

} // namespace waybill
