#pragma once

#include "persistence/store.hpp"

#include <functional>
#include <string>
#include <vector>

namespace waybill {

/// A key that signs access tokens, as it is kept.
struct stored_signing_key {
  std::string kid;
  /// EdDSA, ES256 or HS256.
  std::string algorithm;
  /// PKCS #8 in PEM; of HS256 the secret in base64url.
  std::string secret;
  timestamp created_at;
  /// Before, it verifies but does not sign: every gateway must have seen it first.
  timestamp signs_from;
};

/// Decides from all keys, oldest first, which keys to add, and which to remove by their ids.
struct signing_key_change {
  std::vector<stored_signing_key> added;
  std::vector<std::string> removed;
};
using signing_key_policy = std::function<signing_key_change(const std::vector<stored_signing_key>&)>;

/// Reads all keys, oldest first, and changes them as `policy` wants: in one transaction and one process at a time, so
/// that nodes that start together do not each make a key. Blocks. Fails with ec::unavailable.
result<std::vector<stored_signing_key>> keep_signing_keys(const store_config& config, const signing_key_policy& policy);

} // namespace waybill
