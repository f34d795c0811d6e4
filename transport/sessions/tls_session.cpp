#include "transport/sessions/tls_session.hpp"

#include <openssl/err.h>
#include <openssl/x509_vfy.h>

#include <csignal>
#include <stdexcept>
#include <sys/socket.h>

namespace waybill {

void open_handshakes::begin(socket fd) {
  const std::lock_guard lock{mutex_};
  if (sockets_.size() >= places) {
    // Its own session sees the end and cleans up.
    ::shutdown(sockets_.front(), SHUT_RDWR);
    sockets_.pop_front();
  }
  sockets_.push_back(fd);
}

void open_handshakes::end(socket fd) {
  const std::lock_guard lock{mutex_};
  sockets_.remove(fd);
}

tls_session::tls_session(std::shared_ptr<const transport_security> security, socket fd)
  : security_(std::move(security)), fd_(fd), ssl_(SSL_new(security_->context.get())) {
  if (!ssl_ || SSL_set_fd(ssl_.get(), fd) != 1)
    throw std::runtime_error{"no memory for a TLS session"};
  SSL_set_connect_state(ssl_.get());
}

tls_session::tls_session(std::shared_ptr<const transport_security> security, socket fd,
                         std::shared_ptr<open_handshakes> handshakes)
  : tls_session(std::move(security), fd) {
  SSL_set_accept_state(ssl_.get());
  handshakes_ = std::move(handshakes);
  handshakes_->begin(fd_);
}

tls_session::~tls_session() {
  leave_handshakes();
}

void tls_session::leave_handshakes() {
  if (handshakes_)
    handshakes_->end(fd_);
  handshakes_ = nullptr;
}

tls_session::rw_state tls_session::read_some(std::size_t& done, void* buffer, std::size_t size) {
  return advance(done, size, [&] { return SSL_read_ex(ssl_.get(), buffer, size, &done); });
}

tls_session::rw_state tls_session::write_some(std::size_t& done, const void* buffer, std::size_t size) {
  return advance(done, size, [&] { return SSL_write_ex(ssl_.get(), buffer, size, &done); });
}

bool tls_session::has_pending(std::size_t size) const {
  return static_cast<std::size_t>(SSL_pending(ssl_.get())) >= size;
}

template <class Operation>
tls_session::rw_state tls_session::advance(std::size_t& done, std::size_t size, Operation operation) {
  done = 0;
  // SSL_get_error looks into a queue of the whole thread: what another session left there would count as ours.
  ERR_clear_error();
  if (!established_) {
    if (const auto outcome = SSL_do_handshake(ssl_.get()); outcome != 1)
      return judge(outcome);
    established_ = true;
    leave_handshakes();
  }
  if (size == 0)
    return rw_state::indeterminate;
  const auto outcome = operation();
  return outcome == 1 ? rw_state::success : judge(outcome);
}

tls_session::rw_state tls_session::judge(int outcome) {
  const auto error = SSL_get_error(ssl_.get(), outcome);
  if (error == SSL_ERROR_WANT_WRITE)
    return rw_state::success;
  // A stream may go on writing as soon as reading says success; during the handshake it has to wait.
  if (error == SSL_ERROR_WANT_READ)
    return established_ ? rw_state::success : rw_state::want_read;
  const bool distrust = !established_ || error == SSL_ERROR_SSL;
  if (distrust && !told_ && security_->on_distrust) {
    told_ = true;
    const auto host = caf::io::network::remote_addr_of_fd(fd_);
    const auto port = caf::io::network::remote_port_of_fd(fd_);
    security_->on_distrust(host ? *host + ':' + std::to_string(port ? *port : 0) : "a peer that has gone", reason());
  }
  return rw_state::failure;
}

std::string tls_session::reason() const {
  if (const auto verdict = SSL_get_verify_result(ssl_.get()); verdict != X509_V_OK)
    return std::string{"its certificate is refused: "} + X509_verify_cert_error_string(verdict);
  const auto* text = ERR_reason_error_string(ERR_peek_last_error());
  return text == nullptr ? "it hung up during the handshake" : text;
}

namespace {

class tls_sessions final : public session_maker {
public:
  explicit tls_sessions(const transport_security& security)
    : security_(std::make_shared<const transport_security>(security)) {}

  std::unique_ptr<session> connected(session::socket fd) const override {
    return std::make_unique<tls_session>(security_, fd);
  }

  std::unique_ptr<session> accepted(session::socket fd, session::socket) const override {
    return std::make_unique<tls_session>(security_, fd, handshakes_);
  }

private:
  std::shared_ptr<const transport_security> security_;
  std::shared_ptr<open_handshakes> handshakes_ = std::make_shared<open_handshakes>();
};

} // namespace

std::shared_ptr<const session_maker> make_tls_sessions(const transport_security& security) {
  // OpenSSL writes to sockets as to files: a peer that has gone must not end the process.
  std::signal(SIGPIPE, SIG_IGN);
  return std::make_shared<tls_sessions>(security);
}

} // namespace waybill
