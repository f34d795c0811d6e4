#include "nodes/process/listening.hpp"

#include <cerrno>
#include <cstring>
#include <memory>
#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

namespace waybill {

namespace {

/// The error of the first address that cannot be bound; zero when all can.
int try_to_listen(const addrinfo* addresses) {
  for (const auto* candidate = addresses; candidate != nullptr; candidate = candidate->ai_next) {
    const int socket = ::socket(candidate->ai_family, candidate->ai_socktype | SOCK_CLOEXEC, candidate->ai_protocol);
    if (socket < 0)
      return errno;
    const int on = 1;
    ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    const bool open = ::bind(socket, candidate->ai_addr, candidate->ai_addrlen) == 0 && ::listen(socket, 1) == 0;
    const int reason = open ? 0 : errno;
    ::close(socket);
    if (reason != 0)
      return reason;
  }
  return 0;
}

} // namespace

std::string why_not_listen(const endpoint& address) {
  addrinfo wanted{};
  wanted.ai_socktype = SOCK_STREAM;
  wanted.ai_flags = AI_PASSIVE;
  addrinfo* resolved = nullptr;
  const auto port = std::to_string(address.port);
  if (const int code = ::getaddrinfo(address.host.c_str(), port.c_str(), &wanted, &resolved); code != 0)
    return std::string{"this machine has no address "} + address.host + " (" + ::gai_strerror(code) + ")";
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> addresses{resolved, &::freeaddrinfo};
  switch (const int reason = try_to_listen(addresses.get())) {
    case 0: return "the address could not be used";
    case EADDRINUSE: return "the port is taken, by another node or another program";
    case EADDRNOTAVAIL: return "this machine does not have that address";
    case EACCES: return "ports below 1024 need the right to use them (CAP_NET_BIND_SERVICE)";
    default: return std::strerror(reason);
  }
}

} // namespace waybill
