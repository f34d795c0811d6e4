#pragma once

#include "gateway/transport/net.hpp"

#include <openssl/ssl.h>

#include <cstddef>
#include <memory>
#include <string>

namespace waybill::http {

/// TLS over a socket that does not block, as the server. Works on the socket itself, without buffers of its own between
/// the two: an idle connection costs a tenth of what asio::ssl::stream takes. Belongs to one thread; one read and one
/// write may be under way at once. The source of the protocol's rules for callers is SSL_get_error(3).
class tls_layer {
public:
  /// What to wait for before the same is tried again.
  enum class wish : std::uint8_t { nothing, readable, writable };

  struct outcome {
    wish wants = wish::nothing;
    error_code error;
    std::size_t octets = 0;
  };

  /// `socket` outlives this.
  tls_layer(tcp_socket& socket, SSL_CTX& context);

  outcome shake_hands();
  /// The end of the peer's stream is eof; an end without notice is connection_reset.
  outcome read(void* to, std::size_t size);
  outcome write(const void* from, std::size_t size);

  /// Says once that nothing more will be sent; does not wait.
  void say_end();

  /// Why the handshake failed; for the log.
  [[nodiscard]] const std::string& reason() const noexcept { return reason_; }

private:
  struct freed {
    void operator()(SSL* session) const { SSL_free(session); }
  };
  outcome judge(int result, std::size_t octets);

  std::unique_ptr<SSL, freed> ssl_;
  std::string reason_;
  bool broken_ = false;
};

} // namespace waybill::http
