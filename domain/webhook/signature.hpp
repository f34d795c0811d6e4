#pragma once

#include "domain/base/result.hpp"
#include "domain/base/time.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// Signatures of messages between servers, as in the Standard Webhooks specification (standardwebhooks.com, v1,
/// symmetric): HMAC-SHA256 over `<id>.<timestamp>.<body>`. Pure and thread-safe.
namespace waybill::webhook_signature {

inline constexpr std::string_view id_header = "webhook-id";
inline constexpr std::string_view timestamp_header = "webhook-timestamp";
inline constexpr std::string_view signature_header = "webhook-signature";

/// What secrets begin with when they are written down.
inline constexpr std::string_view secret_prefix = "whsec_";

/// The octets of a secret.
struct key {
  std::string octets;
};

/// Reads secrets (`whsec_` and 24 to 64 octets in Base64) with blanks between: while one is being replaced there are
/// two. Fails with ec::invalid_argument; the sentence holds nothing of the secret.
result<std::vector<key>> read_keys(std::string_view secrets);

/// The secret of a key, as read_keys takes it.
std::string write_secret(const key& key);

/// `v1,<Base64>`.
std::string sign(const key& key, std::string_view id, std::int64_t unix_seconds, std::string_view body);

/// The three headers as they came.
struct presented {
  std::string_view id;
  std::string_view timestamp;
  std::string_view signatures;
};

enum class verdict : std::uint8_t {
  good,
  /// A header is missing or is not what it should be.
  malformed,
  /// Signed too long ago, or too far in the future: it may be an old message that somebody sends again.
  stale,
  /// No signature is by one of the keys.
  forged
};

/// Whether one of the signatures (several, with blanks between, while a secret is replaced) is by one of the keys.
/// Takes the same time wherever a signature differs. Without keys nothing is good.
verdict verify(const std::vector<key>& keys, const presented& headers, std::string_view body, timestamp now,
               std::chrono::seconds tolerance);

} // namespace waybill::webhook_signature
