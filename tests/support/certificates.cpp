#include "tests/support/certificates.hpp"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <fstream>
#include <stdexcept>

namespace waybill::test {

namespace {

struct free_all {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(BIO* bio) const { BIO_free_all(bio); }
};

using key_ptr = std::unique_ptr<EVP_PKEY, free_all>;
using certificate_ptr = std::unique_ptr<X509, free_all>;
using bio_ptr = std::unique_ptr<BIO, free_all>;

void require(bool done) {
  if (!done)
    throw std::runtime_error("OpenSSL cannot make a certificate");
}

template <class Write>
std::string pem(Write write) {
  const bio_ptr out{BIO_new(BIO_s_mem())};
  require(write(out.get()) == 1);
  char* data = nullptr;
  const auto size = BIO_get_mem_data(out.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

std::string to_pem(X509* certificate) {
  return pem([&](BIO* out) { return PEM_write_bio_X509(out, certificate); });
}

std::string to_pem(EVP_PKEY* key) {
  return pem([&](BIO* out) { return PEM_write_bio_PrivateKey(out, key, nullptr, nullptr, 0, nullptr, nullptr); });
}

key_ptr make_key() {
  return key_ptr{EVP_EC_gen("P-256")};
}

/// Signed by `issuer_key` in the name of `issuer`, by itself when that is null.
certificate_ptr make_certificate(const std::string& name, EVP_PKEY* key, X509* issuer, EVP_PKEY* issuer_key,
                                 const certificate_options& options) {
  certificate_ptr made{X509_new()};
  X509_set_version(made.get(), X509_VERSION_3);
  std::uint32_t serial = 0;
  RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof serial);
  ASN1_INTEGER_set(X509_get_serialNumber(made.get()), static_cast<long>(serial));
  X509_gmtime_adj(X509_getm_notBefore(made.get()), std::chrono::seconds{options.begins}.count());
  X509_gmtime_adj(X509_getm_notAfter(made.get()), std::chrono::seconds{options.ends}.count());
  X509_NAME_add_entry_by_txt(X509_get_subject_name(made.get()), "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
  X509_set_issuer_name(made.get(), X509_get_subject_name(issuer == nullptr ? made.get() : issuer));
  X509_set_pubkey(made.get(), key);
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer == nullptr ? made.get() : issuer, made.get(), nullptr, nullptr, 0);
  const auto extend = [&](int kind, const std::string& value) {
    auto* extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str());
    require(extension != nullptr && X509_add_ext(made.get(), extension, -1) == 1);
    X509_EXTENSION_free(extension);
  };
  // Tells authorities of one name apart.
  extend(NID_subject_key_identifier, "hash");
  extend(NID_authority_key_identifier, "keyid:always");
  if (options.usage == "authority")
    extend(NID_basic_constraints, "critical,CA:TRUE");
  else
    extend(NID_ext_key_usage, options.usage);
  if (!options.names.empty())
    extend(NID_subject_alt_name, options.names);
  require(X509_sign(made.get(), issuer_key, EVP_sha256()) > 0);
  return made;
}

} // namespace

struct test_authority::parts {
  key_ptr key;
  certificate_ptr certificate;
};

test_authority::test_authority(const std::string& name, const certificate_options& options)
  : parts_(std::make_unique<parts>()) {
  auto own = options;
  own.usage = "authority";
  parts_->key = make_key();
  parts_->certificate = make_certificate(name, parts_->key.get(), nullptr, parts_->key.get(), own);
}

test_authority::~test_authority() = default;

std::string test_authority::certificate() const {
  return to_pem(parts_->certificate.get());
}

certificate_and_key test_authority::issue(const std::string& name, const certificate_options& options) const {
  const auto key = make_key();
  const auto made = make_certificate(name, key.get(), parts_->certificate.get(), parts_->key.get(), options);
  return {to_pem(made.get()), to_pem(key.get())};
}

certificate_and_key test_authority::self_signed(const std::string& name) {
  const auto key = make_key();
  const auto made = make_certificate(name, key.get(), nullptr, key.get(), {});
  return {to_pem(made.get()), to_pem(key.get())};
}

std::string encrypted(const std::string& key, const std::string& passphrase) {
  const bio_ptr in{BIO_new_mem_buf(key.data(), static_cast<int>(key.size()))};
  const key_ptr open{PEM_read_bio_PrivateKey(in.get(), nullptr, nullptr, nullptr)};
  return pem([&](BIO* out) {
    return PEM_write_bio_PKCS8PrivateKey(out, open.get(), EVP_aes_256_cbc(), passphrase.data(),
                                         static_cast<int>(passphrase.size()), nullptr, nullptr);
  });
}

void write_file(const std::filesystem::path& path, const std::string& text) {
  if (!(std::ofstream{path, std::ios::binary} << text).flush())
    throw std::runtime_error("cannot write " + path.string());
}

std::vector<std::string> write_credentials(const std::filesystem::path& folder, const std::string& authority,
                                           const certificate_and_key& own) {
  std::filesystem::create_directories(folder);
  write_file(folder / "ca.pem", authority);
  write_file(folder / "node.pem", own.certificate);
  write_file(folder / "node.key", own.key);
  return {"--cluster-tls-ca=" + (folder / "ca.pem").string(),
          "--cluster-tls-certificate=" + (folder / "node.pem").string(),
          "--cluster-tls-key=" + (folder / "node.key").string()};
}

} // namespace waybill::test
