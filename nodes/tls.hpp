#pragma once

#include "domain/base/result.hpp"
#include "domain/base/time.hpp"

#include <memory>
#include <string>

struct ssl_ctx_st;

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

/// A certificate, its key and its authority, read once and found to fit: whatever happens to the files later, for
/// example half a rotation, reaches a node only with its next start.
class tls_credentials {
public:
  /// Empty when TLS is not wanted. Fails with ec::invalid_argument and one line that names the option and the file, for
  /// everything for which a peer with credentials of the same authority would refuse these now. Reads files: blocks.
  static result<tls_credentials> load(const tls_settings& settings);

  [[nodiscard]] bool used() const { return context_ != nullptr; }
  /// For connections that demand a certificate of both ends, by TLS 1.3; null when not used.
  [[nodiscard]] const std::shared_ptr<ssl_ctx_st>& context() const { return context_; }
  /// As in `CN = order-1`.
  [[nodiscard]] const std::string& subject() const { return subject_; }
  /// When the first of the certificates ends, that of the node or one above it.
  [[nodiscard]] timestamp expires() const { return expires_; }

private:
  std::shared_ptr<ssl_ctx_st> context_;
  std::string subject_;
  timestamp expires_{};
};

} // namespace waybill
