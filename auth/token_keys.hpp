#pragma once

#include "auth/signing.hpp"
#include "domain/base/time.hpp"

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace waybill {

/// The keys that access tokens are verified with; one of them signs new tokens. Immutable.
class token_keys {
public:
  struct entry {
    signing_key key;
    timestamp signs_from;
  };

  /// `entries` must not be empty.
  explicit token_keys(std::vector<entry> entries);

  /// Null when there is no key of that name.
  [[nodiscard]] const signing_key* find(std::string_view kid) const noexcept;

  /// The newest key whose `signs_from` has come, or the oldest key.
  [[nodiscard]] const signing_key& signer(timestamp now) const noexcept;

  /// The public keys as a JWK set (RFC 7517, section 5). Shared secrets (HS256) are never in it.
  [[nodiscard]] const std::string& jwks() const noexcept { return jwks_; }

private:
  /// Oldest first.
  std::vector<entry> entries_;
  std::string jwks_;
};

/// Reads configured keys: one after the other, PEM blocks or lines of base64url, the first of which signs. Fails with
/// ec::invalid_argument.
result<token_keys> read_token_keys(signature_algorithm algorithm, const std::string& text);

/// The keys of this node, which are replaced while they are used. Thread-safe.
class key_ring {
public:
  void replace(std::shared_ptr<const token_keys> next);
  /// Null until there are any.
  [[nodiscard]] std::shared_ptr<const token_keys> keys() const;
  /// Grows with each replacement: a copy of the keys is old when the number has changed.
  [[nodiscard]] std::uint64_t generation() const noexcept { return generation_.load(std::memory_order_acquire); }

private:
  mutable std::mutex mutex_;
  std::shared_ptr<const token_keys> keys_;
  std::atomic<std::uint64_t> generation_ = 0;
};

} // namespace waybill
