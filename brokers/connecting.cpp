#include "brokers/connecting.hpp"

#include "domain/base/errors.hpp"
#include "outbound/address_policy.hpp"

#include <boost/asio/ip/address.hpp>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace waybill::brokers {

namespace {

namespace ip = boost::asio::ip;
using clock = std::chrono::steady_clock;

constexpr milliseconds longest_slice{200};

using address_list = std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)>;

/// Blocks for as long as the resolver of the machine does.
result<address_list> resolve(const sink::server& to) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_ADDRCONFIG | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const auto error = ::getaddrinfo(to.host.c_str(), std::to_string(to.port).c_str(), &hints, &found);
  if (error != 0)
    return failure{ec::unavailable, "the name " + to.host + " cannot be resolved: " + ::gai_strerror(error)};
  return address_list{found, &::freeaddrinfo};
}

failure forbidden(const sink::server& to) {
  return {ec::unavailable, to.host + " has an address that is not of the public internet"};
}

failure not_connected(const sink::server& to, int error) {
  return {ec::unavailable, "no connection to " + sink::to_string(to) + ": " + std::generic_category().message(error)};
}

bool wait_for(int descriptor, short what, const deadline& until) {
  while (!until.is_over()) {
    pollfd entry{descriptor, what, 0};
    const auto ready = ::poll(&entry, 1, static_cast<int>(until.slice().count()));
    if (ready > 0)
      return true;
    if (ready < 0 && errno != EINTR)
      return true; // The next call says what is wrong.
  }
  return false;
}

template <class T>
void set_option(int descriptor, int level, int name, T value) {
  // A socket works without any of them.
  static_cast<void>(::setsockopt(descriptor, level, name, &value, sizeof value));
}

/// Zero, or why there is no connection; ETIMEDOUT at the deadline.
int connect_within(int descriptor, const addrinfo& to, const deadline& until) {
  const auto flags = ::fcntl(descriptor, F_GETFL);
  if (flags < 0 || ::fcntl(descriptor, F_SETFL, flags | O_NONBLOCK) < 0)
    return errno;
  if (::connect(descriptor, to.ai_addr, to.ai_addrlen) < 0) {
    if (errno != EINPROGRESS)
      return errno;
    if (!wait_for(descriptor, POLLOUT, until))
      return ETIMEDOUT;
    int error = 0;
    socklen_t size = sizeof error;
    if (::getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &size) < 0)
      return errno;
    if (error != 0)
      return error;
  }
  return ::fcntl(descriptor, F_SETFL, flags) < 0 ? errno : 0;
}

void tune(int descriptor, milliseconds patience) {
  set_option(descriptor, SOL_SOCKET, SO_KEEPALIVE, 1);
  set_option(descriptor, IPPROTO_TCP, TCP_NODELAY, 1);
  // A peer that takes nothing, or is gone, ends a call that sends.
  set_option(descriptor, IPPROTO_TCP, TCP_USER_TIMEOUT, static_cast<unsigned>(patience.count()));
  const timeval limit{patience.count() / 1'000, (patience.count() % 1'000) * 1'000};
  set_option(descriptor, SOL_SOCKET, SO_SNDTIMEO, limit);
  set_option(descriptor, SOL_SOCKET, SO_RCVTIMEO, limit);
}

} // namespace

// -- waiting ----------------------------------------------------------------------------------------------------------

deadline::deadline(milliseconds limit, stop_flag stop) : end_{clock::now() + limit}, stop_{std::move(stop)} {}

bool deadline::is_over() const {
  return (stop_ && stop_->load(std::memory_order_relaxed)) || clock::now() >= end_;
}

failure deadline::reason(const std::string& what) const {
  if (stop_ && stop_->load(std::memory_order_relaxed))
    return {ec::shutting_down, "it was stopped"};
  return {ec::unavailable, what + " in time"};
}

milliseconds deadline::left() const {
  return std::max(std::chrono::ceil<milliseconds>(end_ - clock::now()), milliseconds{0});
}

milliseconds deadline::slice() const {
  return std::min(left(), longest_slice);
}

bool wait_readable(int descriptor, const deadline& until) {
  return wait_for(descriptor, POLLIN, until);
}

bool wait_writable(int descriptor, const deadline& until) {
  return wait_for(descriptor, POLLOUT, until);
}

// -- sockets ----------------------------------------------------------------------------------------------------------

socket_handle::~socket_handle() {
  if (descriptor_ >= 0)
    ::close(descriptor_);
}

int socket_handle::release() noexcept {
  return std::exchange(descriptor_, -1);
}

bool is_allowed(const sockaddr* address, outbound::target_policy policy) {
  if (policy == outbound::target_policy::any)
    return true;
  if (address->sa_family == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, address, sizeof v4);
    return outbound::is_public(ip::address_v4{ntohl(v4.sin_addr.s_addr)});
  }
  if (address->sa_family == AF_INET6) {
    sockaddr_in6 v6{};
    std::memcpy(&v6, address, sizeof v6);
    ip::address_v6::bytes_type octets;
    std::memcpy(octets.data(), &v6.sin6_addr, octets.size());
    return outbound::is_public(ip::address_v6{octets});
  }
  return false;
}

result<void> check_addresses(const sink::server& to, outbound::target_policy policy) {
  const auto found = resolve(to);
  if (!found)
    return found.error();
  for (const auto* each = found->get(); each != nullptr; each = each->ai_next)
    if (!is_allowed(each->ai_addr, policy))
      return forbidden(to);
  return {};
}

result<socket_handle> open_connection(const sink::server& to, const connection_settings& settings,
                                      const deadline& until) {
  const auto found = resolve(to);
  if (!found)
    return found.error();
  auto why = forbidden(to);
  for (const auto* each = found->get(); each != nullptr; each = each->ai_next) {
    if (!is_allowed(each->ai_addr, settings.targets))
      continue;
    socket_handle made{::socket(each->ai_family, each->ai_socktype | SOCK_CLOEXEC, each->ai_protocol)};
    const auto error = made.get() < 0 ? errno : connect_within(made.get(), *each, until);
    if (error == 0) {
      tune(made.get(), settings.confirm_timeout);
      return made;
    }
    why = until.is_over() ? until.reason(sink::to_string(to) + " did not answer") : not_connected(to, error);
  }
  return why;
}

} // namespace waybill::brokers
