#pragma once

#include "domain/base/result.hpp"
#include "domain/base/time.hpp"
#include "transport/tls_credentials.hpp"

#include <string>

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

/// The certificate of the gateway, for connections of browsers and other clients: TLS 1.2 and 1.3, http/1.1 by ALPN.
class server_tls : public tls_credentials {
public:
  /// Empty when no option is set. Fails with ec::invalid_argument and one line that names the option and the file when
  /// clients would refuse the certificate. Reads files: blocks.
  static result<server_tls> load(const server_tls_settings& settings);
};

} // namespace waybill
