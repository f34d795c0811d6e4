#pragma once

#include "gateway/transport/stream/net.hpp"

#include <openssl/ssl.h>

#include <cstddef>
#include <memory>
#include <string>

namespace waybill::http {

/// The server's side of TLS over a non-blocking socket. Works on the socket directly, without buffers in between: an
/// idle connection takes a tenth of the memory of asio::ssl::stream. Belongs to one thread; one read and one write may
/// be under way at once. How to call it follows from SSL_get_error(3).
class tls_layer {
public:
  /// What the socket must be before the operation is tried again.
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

  /// Sends the closing alert once; does not wait.
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
