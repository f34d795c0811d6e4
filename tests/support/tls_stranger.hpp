#pragma once

#include "tests/support/certificates.hpp"

#include <openssl/ssl.h>

#include <memory>
#include <string>
#include <utility>

/// Peers that are no nodes: what does a port tell them? They block, for at most half a minute a read.
namespace waybill::test {

/// Speaks without TLS.
class plain_stranger {
public:
  /// Connects to `127.0.0.1:<port>`. Throws std::runtime_error.
  explicit plain_stranger(const std::string& address);
  ~plain_stranger();
  plain_stranger(plain_stranger&& other) noexcept : socket_(std::exchange(other.socket_, -1)) {}
  plain_stranger& operator=(plain_stranger&&) = delete;

  void say(const std::string& bytes);
  /// All octets until the other side disconnects, or enough to see that it answers.
  std::string everything();
  /// Whether the other side has hung up.
  [[nodiscard]] bool was_closed() const { return closed_; }
  [[nodiscard]] int socket() const { return socket_; }

private:
  int socket_ = -1;
  bool closed_ = false;
};

/// Speaks TLS of one version, trusts anybody, and shows the certificate if it has one.
class tls_stranger {
public:
  tls_stranger(const std::string& address, const certificate_and_key& own, int version);
  ~tls_stranger();
  tls_stranger(const tls_stranger&) = delete;
  tls_stranger& operator=(const tls_stranger&) = delete;

  /// Reads until `text` was part of what came; false when the other side hangs up before.
  bool hears(const std::string& text);
  /// All octets of the TLS connection until it ends, or enough to see that the other side answers; empty without a
  /// handshake.
  std::string everything();
  /// Whether the other side has ended the connection.
  [[nodiscard]] bool was_closed() const { return closed_; }

private:
  /// The next octets; empty at the end.
  std::string read_some();

  plain_stranger tcp_;
  SSL_CTX* context_ = nullptr;
  SSL* session_ = nullptr;
  bool connected_ = false;
  bool closed_ = false;
};

} // namespace waybill::test
