#pragma once

#include "domain/base/time.hpp"

#include <memory>
#include <string>

struct ssl_ctx_st;

namespace waybill {

/// A certificate with its key, read once and checked: a change of the files, for example half a rotation, has no effect
/// until they are loaded again. A default-constructed one stands for "no TLS".
class tls_credentials {
public:
  [[nodiscard]] bool used() const { return context_ != nullptr; }
  /// OpenSSL's context for connections; null when not used.
  [[nodiscard]] const std::shared_ptr<ssl_ctx_st>& context() const { return context_; }
  /// As in `CN = order-1`.
  [[nodiscard]] const std::string& subject() const { return subject_; }
  /// When the first of the certificates ends: the one that is presented, or one above it.
  [[nodiscard]] timestamp expires() const { return expires_; }

protected:
  std::shared_ptr<ssl_ctx_st> context_;
  std::string subject_;
  timestamp expires_{};
};

} // namespace waybill
