#pragma once

#include "domain/base/result.hpp"
#include "transport/tls_credentials.hpp"

#include <string>

namespace waybill {

/// What an operator gives for mutual TLS between nodes: paths of PEM files, and what the key is encrypted with.
struct tls_settings {
  std::string ca;
  std::string certificate;
  std::string key;
  std::string passphrase;

  [[nodiscard]] bool wanted() const { return !(ca + certificate + key + passphrase).empty(); }
};

/// Fails with ec::invalid_argument and one line that names the options that are missing. Opens no file.
result<void> validate(const tls_settings& settings);

/// The credentials of a node: its certificate, its key and the authority that it trusts, for connections that demand a
/// certificate of both ends, by TLS 1.3.
class cluster_tls : public tls_credentials {
public:
  /// Empty when TLS is not wanted. Fails with ec::invalid_argument and one line that names the option and the file, for
  /// everything for which a peer with credentials of the same authority would refuse these now. Reads files: blocks.
  static result<cluster_tls> load(const tls_settings& settings);
};

} // namespace waybill
