#pragma once

#include "transport/security.hpp"
#include "transport/sessions/session.hpp"

#include <openssl/ssl.h>

#include <cstddef>
#include <list>
#include <memory>
#include <mutex>
#include <string>

namespace waybill {

/// The accepted connections that have not proven anything yet. There is a fixed number of places: the newcomer gets the
/// place of the one that waits longest, so that strangers who connect and stay silent cannot use up the process's
/// files. Thread-safe.
class open_handshakes {
public:
  using socket = session::socket;

  void begin(socket fd);
  void end(socket fd);

private:
  static constexpr std::size_t places = 64;
  std::mutex mutex_;
  std::list<socket> sockets_;
};

/// TLS over one socket that does not block.
class tls_session final : public session {
public:
  /// As the end that connects.
  tls_session(std::shared_ptr<const transport_security> security, socket fd);
  /// As the end that accepts; `handshakes` is left as soon as the peer has proven itself.
  tls_session(std::shared_ptr<const transport_security> security, socket fd,
              std::shared_ptr<open_handshakes> handshakes);
  ~tls_session() override;
  tls_session(const tls_session&) = delete;
  tls_session& operator=(const tls_session&) = delete;

  /// Goes on with the handshake until that is over.
  rw_state read_some(std::size_t& done, void* buffer, std::size_t size) override;
  rw_state write_some(std::size_t& done, const void* buffer, std::size_t size) override;
  [[nodiscard]] bool has_pending(std::size_t size) const override;

private:
  struct freed {
    void operator()(SSL* session) const { SSL_free(session); }
  };

  template <class Operation>
  rw_state advance(std::size_t& done, std::size_t size, Operation operation);
  rw_state judge(int outcome);
  void leave_handshakes();
  [[nodiscard]] std::string reason() const;

  std::shared_ptr<const transport_security> security_;
  socket fd_;
  std::shared_ptr<open_handshakes> handshakes_;
  std::unique_ptr<SSL, freed> ssl_;
  bool established_ = false;
  bool told_ = false;
};

/// Sessions by mutual TLS with the context of `security`.
std::shared_ptr<const session_maker> make_tls_sessions(const transport_security& security);

} // namespace waybill
