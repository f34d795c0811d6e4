#pragma once

#include "domain/base/result.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

struct evp_pkey_st;

namespace waybill {

/// The supported signatures of JSON Web Tokens (RFC 7518, sections 3.2 and 3.4; RFC 8037). There is
/// no `none`.
enum class signature_algorithm : std::uint8_t { eddsa, es256, hs256 };

/// The name in the header of a token: EdDSA, ES256, HS256.
std::string_view name_of(signature_algorithm algorithm) noexcept;
std::optional<signature_algorithm> algorithm_of(std::string_view name) noexcept;

/// One key, with OpenSSL behind it. Immutable, thread-safe, cheap to copy.
class signing_key {
public:
  /// Reads a key that `secret()` has written. Fails with ec::invalid_argument, and a sentence without the key, for
  /// another kind of key than the algorithm takes (Ed25519, P-256, at least 256 bits).
  static result<signing_key> read(signature_algorithm algorithm, const std::string& secret);
  static signing_key make(signature_algorithm algorithm);

  [[nodiscard]] signature_algorithm algorithm() const noexcept { return algorithm_; }

  /// PKCS #8 in PEM; of HS256 the secret in base64url.
  [[nodiscard]] std::string secret() const;

  /// The key's thumbprint (RFC 7638): the same name on every node that reads the key. A thumbprint of a shared secret
  /// could be used to test guesses, so that has a part of an HMAC instead.
  [[nodiscard]] const std::string& kid() const noexcept { return kid_; }

  /// The members of the public key for a JWK set (RFC 7517); empty for HS256, which has no public part.
  [[nodiscard]] const std::string& public_jwk() const noexcept { return jwk_; }

  /// The octets of the signature in the form of JWS.
  [[nodiscard]] std::string sign(std::string_view message) const;
  [[nodiscard]] bool verify(std::string_view message, std::string_view signature) const;

private:
  signing_key() = default;
  static signing_key of(signature_algorithm algorithm, std::shared_ptr<evp_pkey_st> pair);
  static signing_key of_secret(std::string octets);

  signature_algorithm algorithm_ = signature_algorithm::eddsa;
  std::shared_ptr<evp_pkey_st> pair_;
  std::string octets_;
  std::string kid_;
  std::string jwk_;
};

} // namespace waybill
