#pragma once

#include "domain/base/result.hpp"

#include <optional>
#include <string>

#include <openssl/types.h>

namespace waybill::brokers {

/// Checks the certificate of one server, in each handshake of a context of OpenSSL, and remembers why it was refused.
/// Must outlive the context.
class certificate_check {
public:
  certificate_check() = default;
  certificate_check(const certificate_check&) = delete;
  certificate_check& operator=(const certificate_check&) = delete;

  /// Has the context speak TLS 1.2 or newer, and only with a server whose certificate is for `host`, a name or an
  /// address (RFC 6125), and of an authority in `ca_file` (PEM; empty: the system's). Fails with ec::unavailable when
  /// these cannot be read.
  result<void> demand(SSL_CTX* context, const std::string& host, const std::string& ca_file);

  /// Why the certificate of the server, whose name is for the sentence, was refused in the last handshake. Nothing when
  /// it was not.
  [[nodiscard]] std::optional<failure> refusal(const std::string& server) const;

private:
  /// Of X509_STORE_CTX_get_error.
  int error_ = 0;
};

/// One sentence for an error of the verification of a certificate (X509_V_ERR_...).
std::string describe_certificate_error(const std::string& server, int error);

/// The oldest error of OpenSSL on this thread as words; all are forgotten then.
std::string take_tls_error();

} // namespace waybill::brokers
