#include "brokers/redis/stream.hpp"

#include "domain/base/errors.hpp"
#include "outbound/address_policy.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>

namespace waybill::brokers::redis {

namespace {

constexpr std::string_view closed_by_server = "the server has closed it";

std::string text_of_errno(int error) {
  return std::generic_category().message(error);
}

} // namespace

/// What came of one call that does not block: something was done, or must be waited for (POLLIN, POLLOUT), or it is
/// over.
struct stream::attempt {
  bool is_done = false;
  /// Octets.
  std::size_t moved = 0;
  short awaited = 0;
  std::string why = {};
};

void stream::context_closer::operator()(SSL_CTX* context) const {
  ::SSL_CTX_free(context);
}

void stream::session_closer::operator()(SSL* session) const {
  ::SSL_free(session);
}

// -- opening ----------------------------------------------------------------------------------------------------------

result<void> stream::open(const sink::address& to, const connection_settings& settings, const deadline& until) {
  const auto& server = to.servers.front();
  name_ = sink::to_string(server);
  auto connected = open_connection(server, settings, until);
  if (!connected)
    return connected.error();
  if (const auto flags = ::fcntl(connected->get(), F_GETFL);
      flags < 0 || ::fcntl(connected->get(), F_SETFL, flags | O_NONBLOCK) < 0)
    return failure{ec::unavailable, "no connection to " + name_ + ": " + text_of_errno(errno)};
  socket_.emplace(std::move(*connected));
  return to.secure ? secure(server, settings, until) : result<void>{};
}

result<void> stream::secure(const sink::server& to, const connection_settings& settings, const deadline& until) {
  context_.reset(::SSL_CTX_new(::TLS_client_method()));
  if (!context_)
    return failure{ec::unavailable, "no memory for a connection"};
  if (auto demanded = check_.demand(context_.get(), to.host, settings.ca_file); !demanded)
    return demanded;
  SSL_CTX_set_mode(context_.get(), SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  session_.reset(::SSL_new(context_.get()));
  // An address is no server name (RFC 6066, section 3).
  const bool has_name = !outbound::address_in(to.host).has_value();
  if (!session_ || ::SSL_set_fd(session_.get(), socket_->get()) != 1
      || (has_name && SSL_set_tlsext_host_name(session_.get(), to.host.c_str()) != 1))
    return failure{ec::unavailable, "no TLS with " + name_ + ": " + take_tls_error()};
  const auto shaken = finish([this] { return shake_hands(); }, "beginning TLS", until);
  if (shaken)
    return {};
  if (auto refused = check_.refusal(name_))
    return std::move(*refused);
  return until.is_over() ? until.reason(name_ + " has not begun TLS") : shaken.error();
}

void stream::close() {
  session_.reset();
  context_.reset();
  socket_.reset();
}

// -- one call ---------------------------------------------------------------------------------------------------------

/// Of the call before, which came to nothing.
stream::attempt stream::judge_tls(int said) const {
  const auto system_error = errno;
  switch (::SSL_get_error(session_.get(), said)) {
    case SSL_ERROR_WANT_READ: return {.awaited = POLLIN};
    case SSL_ERROR_WANT_WRITE: return {.awaited = POLLOUT};
    case SSL_ERROR_ZERO_RETURN: return {.why = std::string{closed_by_server}};
    case SSL_ERROR_SYSCALL:
      return {.why = system_error == 0 ? std::string{closed_by_server} : text_of_errno(system_error)};
    default: return {.why = take_tls_error()};
  }
}

stream::attempt stream::shake_hands() const {
  ::ERR_clear_error();
  errno = 0;
  const auto said = ::SSL_connect(session_.get());
  return said == 1 ? attempt{.is_done = true} : judge_tls(said);
}

stream::attempt stream::try_write(std::string_view octets) const {
  if (session_) {
    ::ERR_clear_error();
    errno = 0;
    std::size_t moved = 0;
    const auto said = ::SSL_write_ex(session_.get(), octets.data(), octets.size(), &moved);
    return said == 1 ? attempt{.is_done = true, .moved = moved} : judge_tls(said);
  }
  const auto moved = ::send(socket_->get(), octets.data(), octets.size(), MSG_NOSIGNAL);
  if (moved >= 0)
    return {.is_done = true, .moved = static_cast<std::size_t>(moved)};
  return errno == EAGAIN || errno == EINTR ? attempt{.awaited = POLLOUT} : attempt{.why = text_of_errno(errno)};
}

stream::attempt stream::try_read() {
  if (session_) {
    ::ERR_clear_error();
    errno = 0;
    std::size_t moved = 0;
    const auto said = ::SSL_read_ex(session_.get(), incoming_.data(), incoming_.size(), &moved);
    return said == 1 ? attempt{.is_done = true, .moved = moved} : judge_tls(said);
  }
  const auto moved = ::recv(socket_->get(), incoming_.data(), incoming_.size(), 0);
  if (moved > 0)
    return {.is_done = true, .moved = static_cast<std::size_t>(moved)};
  if (moved == 0)
    return {.why = std::string{closed_by_server}};
  return errno == EAGAIN || errno == EINTR ? attempt{.awaited = POLLIN} : attempt{.why = text_of_errno(errno)};
}

// -- until it is done -------------------------------------------------------------------------------------------------

template <class Attempt>
result<std::size_t> stream::finish(Attempt once, std::string_view doing, const deadline& until) const {
  for (;;) {
    const auto tried = once();
    if (tried.is_done)
      return tried.moved;
    if (tried.awaited == 0)
      return failure{ec::unavailable,
                     "the connection to " + name_ + " broke while " + std::string{doing} + ": " + tried.why};
    const auto descriptor = socket_->get();
    if (tried.awaited == POLLIN ? !wait_readable(descriptor, until) : !wait_writable(descriptor, until))
      return until.reason(name_ + (tried.awaited == POLLIN ? " has not answered" : " takes nothing"));
  }
}

result<void> stream::write(std::string_view octets, const deadline& until) {
  while (!octets.empty()) {
    const auto moved = finish([this, octets] { return try_write(octets); }, "sending", until);
    if (!moved)
      return moved.error();
    octets.remove_prefix(*moved);
  }
  return {};
}

result<std::string_view> stream::read(const deadline& until) {
  const auto moved = finish([this] { return try_read(); }, "reading", until);
  if (!moved)
    return moved.error();
  return std::string_view{incoming_.data(), *moved};
}

} // namespace waybill::brokers::redis
