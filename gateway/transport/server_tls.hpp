#pragma once

#include "domain/base/result.hpp"
#include "domain/base/time.hpp"

#include <memory>
#include <string>

struct ssl_ctx_st;

namespace waybill {

/// The options for HTTPS: paths of PEM files, and the passphrase of the key.
struct server_tls_settings {
  std::string certificate;
  std::string key;
  std::string passphrase;

  [[nodiscard]] bool wanted() const { return !(certificate + key + passphrase).empty(); }

  /// One line that names the options that are missing, or an empty text. Opens no file.
  [[nodiscard]] std::string validate() const;
};

/// A certificate with its key, read once and checked, ready for connections.
class server_tls {
public:
  /// Empty when no option is set. Fails with ec::invalid_argument and one line that names the option and the file when
  /// clients would refuse the certificate. Reads files: blocks.
  static result<server_tls> load(const server_tls_settings& settings);

  [[nodiscard]] bool used() const { return context_ != nullptr; }
  /// TLS 1.2 and 1.3, http/1.1 by ALPN; null when not used.
  [[nodiscard]] const std::shared_ptr<ssl_ctx_st>& context() const { return context_; }
  /// As in `CN = shop.example`.
  [[nodiscard]] const std::string& subject() const { return subject_; }
  /// When the first of the certificates in the file ends.
  [[nodiscard]] timestamp expires() const { return expires_; }

private:
  std::shared_ptr<ssl_ctx_st> context_;
  std::string subject_;
  timestamp expires_{};
};

} // namespace waybill
