#pragma once

#include "domain/base/result.hpp"
#include "domain/base/time.hpp"

#include <openssl/x509.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

/// Certificates and keys in PEM files. All of it reads files, and so blocks. Failures are ec::invalid_argument with one
/// line that begins with the name of the option and names the file; nothing of a key is ever part of it.
namespace waybill::pem {

struct free_certificate {
  void operator()(X509* certificate) const { X509_free(certificate); }
};
struct free_key {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};

using certificate_ptr = std::unique_ptr<X509, free_certificate>;
using key_ptr = std::unique_ptr<EVP_PKEY, free_key>;

/// At least one.
result<std::vector<certificate_ptr>> read_certificates(std::string_view option, const std::string& path);

/// Where a private key is, and how it is opened.
struct key_source {
  std::string_view option;
  std::string path;
  std::string_view passphrase_option;
  std::string passphrase;
};

/// A certificate, those above it, and its key.
struct identity {
  std::string_view option;
  std::string path;
  std::vector<certificate_ptr> chain;
  key_source key_from;
  key_ptr key;

  [[nodiscard]] X509* leaf() const { return chain.front().get(); }
};

/// Reads both and finds that they fit.
result<identity> read_identity(std::string_view option, const std::string& path, key_source key_from);

/// Has `context` present it, and keep nothing from one connection to the next: tickets would need keys that are changed
/// and shared between nodes.
result<void> present(const identity& own, SSL_CTX* context);

/// As in `CN = order-1`.
std::string subject_of(const X509* certificate);

timestamp time_of(const ASN1_TIME* time);

/// What OpenSSL itself says of its last failure on this thread.
std::string last_reason();

/// Forgets OpenSSL's failures on this thread.
failure refused(std::string detail);

} // namespace waybill::pem
