#include "auth/signing.hpp"

#include "domain/base/errors.hpp"
#include "domain/octets/octets.hpp"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <array>
#include <stdexcept>

namespace waybill {

namespace {

constexpr std::size_t coordinate_size = 32;
constexpr std::size_t smallest_secret = 32;
constexpr const char* curve = "P-256";

template <class T, void (*Free)(T*)>
struct deleter {
  void operator()(T* object) const noexcept { Free(object); }
};
using context_ptr = std::unique_ptr<EVP_MD_CTX, deleter<EVP_MD_CTX, EVP_MD_CTX_free>>;
using signature_ptr = std::unique_ptr<ECDSA_SIG, deleter<ECDSA_SIG, ECDSA_SIG_free>>;
using number_ptr = std::unique_ptr<BIGNUM, deleter<BIGNUM, BN_free>>;
struct bio_deleter {
  void operator()(BIO* one) const noexcept { BIO_free(one); }
};
using bio_ptr = std::unique_ptr<BIO, bio_deleter>;

const unsigned char* octets_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

unsigned char* octets_of(std::string& text) {
  return reinterpret_cast<unsigned char*>(text.data());
}

/// For calls that fail only because of a defect or a lack of memory, never because of the input.
void demand(bool fine, const char* operation) {
  if (!fine)
    throw std::runtime_error{std::string{"OpenSSL cannot "} + operation};
}

std::string coordinate(EVP_PKEY* pair, const char* name) {
  BIGNUM* raw = nullptr;
  demand(EVP_PKEY_get_bn_param(pair, name, &raw) == 1, "read a coordinate");
  const number_ptr number{raw};
  std::string octets(coordinate_size, '\0');
  demand(BN_bn2binpad(number.get(), octets_of(octets), coordinate_size) == static_cast<int>(coordinate_size),
         "write a coordinate");
  return to_base64url(octets);
}

/// The members that a thumbprint is made of, in the order of their names (RFC 7638, section 3.2).
std::string required_members(signature_algorithm algorithm, EVP_PKEY* pair) {
  if (algorithm == signature_algorithm::es256)
    return R"("crv":"P-256","kty":"EC","x":")" + coordinate(pair, OSSL_PKEY_PARAM_EC_PUB_X) + R"(","y":")"
           + coordinate(pair, OSSL_PKEY_PARAM_EC_PUB_Y) + '"';
  std::string octets(coordinate_size, '\0');
  std::size_t length = octets.size();
  demand(EVP_PKEY_get_raw_public_key(pair, octets_of(octets), &length) == 1 && length == octets.size(),
         "read a public key");
  return R"("crv":"Ed25519","kty":"OKP","x":")" + to_base64url(octets) + '"';
}

bool fits(signature_algorithm algorithm, const EVP_PKEY* pair) {
  if (algorithm == signature_algorithm::eddsa)
    return EVP_PKEY_is_a(pair, "ED25519") == 1;
  std::array<char, 64> group{};
  std::size_t length = 0;
  return EVP_PKEY_is_a(pair, "EC") == 1 && EVP_PKEY_get_group_name(pair, group.data(), group.size(), &length) == 1
         && (std::string_view{group.data(), length} == "prime256v1" || std::string_view{group.data(), length} == curve);
}

/// DER to the two numbers one behind the other, as JWS has them (RFC 7518, section 3.4).
std::string to_raw_signature(std::string_view der) {
  const auto* at = octets_of(der);
  const signature_ptr both{d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size()))};
  demand(both != nullptr, "read a signature of its own");
  std::string raw(2 * coordinate_size, '\0');
  const bool written =
    BN_bn2binpad(ECDSA_SIG_get0_r(both.get()), octets_of(raw), coordinate_size) > 0
    && BN_bn2binpad(ECDSA_SIG_get0_s(both.get()), octets_of(raw) + coordinate_size, coordinate_size) > 0;
  demand(written, "write a signature");
  return raw;
}

/// Empty when `raw` is no signature.
std::string to_der_signature(std::string_view raw) {
  if (raw.size() != 2 * coordinate_size)
    return {};
  const signature_ptr both{ECDSA_SIG_new()};
  number_ptr r{BN_bin2bn(octets_of(raw), coordinate_size, nullptr)};
  number_ptr s{BN_bin2bn(octets_of(raw) + coordinate_size, coordinate_size, nullptr)};
  demand(both && r && s && ECDSA_SIG_set0(both.get(), r.get(), s.get()) == 1, "hold a signature");
  // Now its own.
  static_cast<void>(r.release());
  static_cast<void>(s.release());
  unsigned char* der = nullptr;
  const int length = i2d_ECDSA_SIG(both.get(), &der);
  demand(length > 0, "write a signature");
  std::string result{reinterpret_cast<const char*>(der), static_cast<std::size_t>(length)};
  OPENSSL_free(der);
  return result;
}

const EVP_MD* digest_of(signature_algorithm algorithm) {
  return algorithm == signature_algorithm::es256 ? EVP_sha256() : nullptr;
}

failure wrong_key(signature_algorithm algorithm) {
  const char* expected = algorithm == signature_algorithm::eddsa   ? "an Ed25519 private key in PEM"
                         : algorithm == signature_algorithm::es256 ? "a P-256 private key in PEM"
                                                                   : "at least 32 octets in base64url";
  return {ec::invalid_argument, std::string{"the key of "} + std::string{name_of(algorithm)} + " must be " + expected};
}

} // namespace

std::string_view name_of(signature_algorithm algorithm) noexcept {
  switch (algorithm) {
    case signature_algorithm::es256: return "ES256";
    case signature_algorithm::hs256: return "HS256";
    default: return "EdDSA";
  }
}

std::optional<signature_algorithm> algorithm_of(std::string_view name) noexcept {
  for (const auto algorithm : {signature_algorithm::eddsa, signature_algorithm::es256, signature_algorithm::hs256})
    if (name == name_of(algorithm))
      return algorithm;
  return std::nullopt;
}

signing_key signing_key::of(signature_algorithm algorithm, std::shared_ptr<evp_pkey_st> pair) {
  signing_key key;
  key.algorithm_ = algorithm;
  key.pair_ = std::move(pair);
  const auto members = required_members(algorithm, key.pair_.get());
  key.kid_ = to_base64url(sha256('{' + members + '}'));
  key.jwk_ = members + R"(,"kid":")" + key.kid_ + R"(","use":"sig","alg":")" + std::string{name_of(algorithm)} + '"';
  return key;
}

signing_key signing_key::of_secret(std::string octets) {
  constexpr std::size_t kid_octets = 12;
  signing_key key;
  key.algorithm_ = signature_algorithm::hs256;
  key.kid_ = to_base64url(hmac_sha256(octets, {"waybill key id"}).substr(0, kid_octets));
  key.octets_ = std::move(octets);
  return key;
}

result<signing_key> signing_key::read(signature_algorithm algorithm, const std::string& secret) {
  if (algorithm == signature_algorithm::hs256) {
    auto octets = from_base64url(secret);
    if (!octets || octets->size() < smallest_secret)
      return wrong_key(algorithm);
    return of_secret(std::move(*octets));
  }
  const bio_ptr text{BIO_new_mem_buf(secret.data(), static_cast<int>(secret.size()))};
  demand(text != nullptr, "hold a key");
  // Without a passphrase: OpenSSL would ask for it on the terminal.
  const auto no_passphrase = [](char*, int, int, void*) { return 0; };
  std::shared_ptr<EVP_PKEY> pair{PEM_read_bio_PrivateKey(text.get(), nullptr, no_passphrase, nullptr), EVP_PKEY_free};
  // An error that is left in the queue would count as one of the next connection on this thread.
  ERR_clear_error();
  if (!pair || !fits(algorithm, pair.get()))
    return wrong_key(algorithm);
  return of(algorithm, std::move(pair));
}

signing_key signing_key::make(signature_algorithm algorithm) {
  if (algorithm == signature_algorithm::hs256)
    return of_secret(random_octets(smallest_secret));
  auto* raw = algorithm == signature_algorithm::eddsa ? EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519")
                                                      : EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", curve);
  demand(raw != nullptr, "make a key");
  return of(algorithm, {raw, EVP_PKEY_free});
}

std::string signing_key::secret() const {
  if (!pair_)
    return to_base64url(octets_);
  const bio_ptr text{BIO_new(BIO_s_mem())};
  demand(text && PEM_write_bio_PKCS8PrivateKey(text.get(), pair_.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1,
         "write a key");
  char* begin = nullptr;
  const auto length = BIO_get_mem_data(text.get(), &begin);
  return {begin, static_cast<std::size_t>(length)};
}

std::string signing_key::sign(std::string_view message) const {
  if (!pair_)
    return hmac_sha256(octets_, {message});
  const context_ptr context{EVP_MD_CTX_new()};
  demand(context && EVP_DigestSignInit(context.get(), nullptr, digest_of(algorithm_), nullptr, pair_.get()) == 1,
         "begin a signature");
  std::size_t length = 0;
  demand(EVP_DigestSign(context.get(), nullptr, &length, octets_of(message), message.size()) == 1, "size a signature");
  std::string signature(length, '\0');
  demand(EVP_DigestSign(context.get(), octets_of(signature), &length, octets_of(message), message.size()) == 1, "sign");
  signature.resize(length);
  return algorithm_ == signature_algorithm::es256 ? to_raw_signature(signature) : signature;
}

bool signing_key::verify(std::string_view message, std::string_view signature) const {
  if (!pair_) {
    const auto expected = hmac_sha256(octets_, {message});
    return signature.size() == expected.size()
           && CRYPTO_memcmp(signature.data(), expected.data(), expected.size()) == 0;
  }
  const auto der = algorithm_ == signature_algorithm::es256 ? to_der_signature(signature) : std::string{};
  if (algorithm_ == signature_algorithm::es256)
    signature = der;
  const context_ptr context{EVP_MD_CTX_new()};
  demand(context && EVP_DigestVerifyInit(context.get(), nullptr, digest_of(algorithm_), nullptr, pair_.get()) == 1,
         "begin to verify");
  const bool right =
    EVP_DigestVerify(context.get(), octets_of(signature), signature.size(), octets_of(message), message.size()) == 1;
  ERR_clear_error();
  return right;
}

} // namespace waybill
