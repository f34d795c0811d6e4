#pragma once

#include "tests/gateway/support/support.hpp"

#include <openssl/ssl.h>

#include <memory>
#include <string>
#include <string_view>

namespace waybill::test {

/// The TLS requirements of a client.
struct tls_wishes {
  /// PEM of the authority that it trusts; empty: anybody.
  std::string authority;
  int lowest = TLS1_2_VERSION;
  int highest = TLS1_3_VERSION;
  /// Protocols by ALPN, as they are; empty: none are offered.
  std::string protocol;
  /// Of TLS 1.2; empty: OpenSSL's own.
  std::string ciphers;
};

/// A client over TLS on loopback; every wait has a limit of a minute.
class tls_client {
public:
  /// Connects; shake_hands() makes the handshake. Throws std::runtime_error.
  explicit tls_client(std::uint16_t port, const tls_wishes& wishes = {});
  ~tls_client();
  tls_client(const tls_client&) = delete;
  tls_client& operator=(const tls_client&) = delete;

  [[nodiscard]] bool shake_hands();
  void write(std::string_view octets);
  /// Reads on until `text` has come and gives everything so far. Throws when the server ends the connection before.
  std::string read_until(std::string_view text);
  /// Whether the server ends the connection, and whether it said so as TLS wants it.
  bool ended_in_order();
  answer send(std::string_view method, std::string_view target, std::string_view body = {},
              const header_list& headers = {});

  [[nodiscard]] std::string subject() const;
  [[nodiscard]] std::string version() const;
  [[nodiscard]] std::string protocol() const;
  /// Below TLS.
  void write_raw(std::string_view octets);
  void end_writing_raw();
  [[nodiscard]] std::string read_raw_to_end();

private:
  int socket_ = -1;
  std::unique_ptr<SSL_CTX, void (*)(SSL_CTX*)> context_;
  std::unique_ptr<SSL, void (*)(SSL*)> ssl_;
  std::string seen_;
};

} // namespace waybill::test
