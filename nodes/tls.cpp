#include "nodes/tls.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <fstream>
#include <memory>
#include <spdlog/fmt/fmt.h>
#include <tuple>

namespace waybill {

namespace {

template <auto Free>
struct freed_by {
  template <class T>
  void operator()(T* object) const {
    Free(object);
  }
};

void free_certificates(STACK_OF(X509) * all) {
  sk_X509_pop_free(all, X509_free);
}

using bio_ptr = std::unique_ptr<BIO, freed_by<BIO_free_all>>;
using certificate_ptr = std::unique_ptr<X509, freed_by<X509_free>>;
using certificates_ptr = std::unique_ptr<STACK_OF(X509), freed_by<free_certificates>>;
using key_ptr = std::unique_ptr<EVP_PKEY, freed_by<EVP_PKEY_free>>;
using store_ptr = std::unique_ptr<X509_STORE, freed_by<X509_STORE_free>>;
using verification_ptr = std::unique_ptr<X509_STORE_CTX, freed_by<X509_STORE_CTX_free>>;
using context_ptr = std::unique_ptr<SSL_CTX, freed_by<SSL_CTX_free>>;

failure refused(std::string detail) {
  ERR_clear_error();
  return {ec::invalid_argument, std::move(detail)};
}

/// What OpenSSL itself says of its last failure.
std::string last_reason() {
  const auto* reason = ERR_reason_error_string(ERR_peek_last_error());
  return reason == nullptr ? "unknown reason" : reason;
}

bio_ptr reading(const std::string& text) {
  return bio_ptr{BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))};
}

std::string content_of(const bio_ptr& memory) {
  char* data = nullptr;
  const auto size = BIO_get_mem_data(memory.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

/// Far more than any chain of certificates.
constexpr std::size_t longest_file = 1'024 * 1'024;

result<std::string> read_file(std::string_view option, const std::string& path) {
  errno = 0;
  std::ifstream file{path, std::ios::binary};
  std::string text(longest_file + 1, '\0');
  if (file)
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (file.bad() || !file.is_open())
    return refused(
      fmt::format("{}: {} cannot be read: {}", option, path, errno != 0 ? std::strerror(errno) : "it is no file"));
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.size() > longest_file)
    return refused(fmt::format("{}: {} is longer than any PEM file should be", option, path));
  return text;
}

struct certificates_file {
  std::string text;
  certificates_ptr all{sk_X509_new_null()};
};

result<certificates_file> read_certificates(std::string_view option, const std::string& path) {
  certificates_file file;
  auto text = read_file(option, path);
  if (text.has_error())
    return text.error();
  file.text = std::move(*text);
  const auto source = reading(file.text);
  while (auto* one = PEM_read_bio_X509(source.get(), nullptr, nullptr, nullptr))
    sk_X509_push(file.all.get(), one);
  const auto last = ERR_peek_last_error();
  const bool at_end = ERR_GET_LIB(last) == ERR_LIB_PEM && ERR_GET_REASON(last) == PEM_R_NO_START_LINE;
  if (!at_end)
    return refused(fmt::format("{}: {} holds a certificate that cannot be read: {}", option, path, last_reason()));
  ERR_clear_error();
  if (sk_X509_num(file.all.get()) == 0)
    return refused(fmt::format("{}: {} holds no PEM certificate", option, path));
  return file;
}

/// Never asks at the terminal, as OpenSSL would.
struct passphrase_source {
  const std::string& passphrase;
  bool asked = false;

  static int answer(char* buffer, int size, int, void* self) {
    auto& source = *static_cast<passphrase_source*>(self);
    source.asked = true;
    if (source.passphrase.empty() || source.passphrase.size() > static_cast<std::size_t>(size))
      return -1;
    std::ranges::copy(source.passphrase, buffer);
    return static_cast<int>(source.passphrase.size());
  }
};

result<key_ptr> parse_key(const tls_settings& settings, const std::string& text) {
  passphrase_source source{settings.passphrase};
  key_ptr key{PEM_read_bio_PrivateKey(reading(text).get(), nullptr, &passphrase_source::answer, &source)};
  if (key)
    return key;
  if (!source.asked)
    return refused(fmt::format("cluster-tls-key: {} holds no PEM private key", settings.key));
  return settings.passphrase.empty()
           ? refused(fmt::format("cluster-tls-passphrase: missing, and {} is encrypted", settings.key))
           : refused(fmt::format("cluster-tls-passphrase: it does not open {}", settings.key));
}

/// The key of `leaf` as PEM that is not encrypted.
result<std::string> read_key(const tls_settings& settings, const X509* leaf) {
  auto text = read_file("cluster-tls-key", settings.key);
  if (text.has_error())
    return text.error();
  const auto key = parse_key(settings, *text);
  OPENSSL_cleanse(text->data(), text->size());
  if (key.has_error())
    return key.error();
  if (X509_check_private_key(leaf, key->get()) != 1)
    return refused(fmt::format("cluster-tls-key: {} is not the key of {}", settings.key, settings.certificate));
  const bio_ptr out{BIO_new(BIO_s_mem())};
  if (PEM_write_bio_PrivateKey(out.get(), key->get(), nullptr, nullptr, 0, nullptr, nullptr) != 1)
    return refused("cluster-tls-key: OpenSSL cannot write it: " + last_reason());
  return content_of(out);
}

timestamp time_of(const ASN1_TIME* time) {
  std::tm parts{};
  ASN1_TIME_to_tm(time, &parts);
  return timestamp{std::chrono::seconds{::timegm(&parts)}};
}

std::string subject_of(const X509* certificate) {
  const bio_ptr out{BIO_new(BIO_s_mem())};
  X509_NAME_print_ex(out.get(), X509_get_subject_name(certificate), 0, XN_FLAG_ONELINE);
  return content_of(out);
}

/// Why a peer would refuse the certificate, as the operator can mend it.
std::string explain(int error, int depth, const tls_settings& settings) {
  const auto whose = depth == 0 ? "cluster-tls-certificate: " + settings.certificate
                                : "cluster-tls-ca: an authority above " + settings.certificate;
  switch (error) {
    case X509_V_ERR_CERT_HAS_EXPIRED: return whose + " has expired";
    case X509_V_ERR_CERT_NOT_YET_VALID: return whose + " is not valid yet";
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_CERT_SIGNATURE_FAILURE:
      return "cluster-tls-certificate: " + settings.certificate + " was not issued by the authority in " + settings.ca;
    case X509_V_ERR_INVALID_PURPOSE:
      return whose + " may not be used for both ends of a connection: see its extendedKeyUsage";
    default: return whose + " is refused: " + X509_verify_cert_error_string(error);
  }
}

/// Verifies as a peer would for one end of a connection; answers with the first end of a validity in the chain.
result<timestamp> verify(const tls_settings& settings, STACK_OF(X509) * own, X509_STORE* trusted, int purpose,
                         int level) {
  const verification_ptr run{X509_STORE_CTX_new()};
  X509_STORE_CTX_init(run.get(), trusted, sk_X509_value(own, 0), own);
  X509_STORE_CTX_set_purpose(run.get(), purpose);
  X509_VERIFY_PARAM_set_auth_level(X509_STORE_CTX_get0_param(run.get()), level);
  if (X509_verify_cert(run.get()) != 1)
    return refused(explain(X509_STORE_CTX_get_error(run.get()), X509_STORE_CTX_get_error_depth(run.get()), settings));
  auto expires = timestamp::max();
  const auto* chain = X509_STORE_CTX_get0_chain(run.get());
  for (int i = 0; i < sk_X509_num(chain); ++i)
    expires = std::min(expires, time_of(X509_get0_notAfter(sk_X509_value(chain, i))));
  return expires;
}

/// Goes through everything that CAF does with the files for each connection, and throws on.
result<context_ptr> rehearse(const tls_settings& settings, const tls_files& files) {
  context_ptr context{SSL_CTX_new(TLS_method())};
  if (!context)
    return refused("cluster-tls-certificate: OpenSSL cannot do TLS: " + last_reason());
  if (SSL_CTX_use_certificate_chain_file(context.get(), files.certificate.c_str()) != 1)
    return refused(
      fmt::format("cluster-tls-certificate: {} is refused by OpenSSL: {}", settings.certificate, last_reason()));
  if (SSL_CTX_use_PrivateKey_file(context.get(), files.key.c_str(), SSL_FILETYPE_PEM) != 1)
    return refused(fmt::format("cluster-tls-key: {} is refused by OpenSSL: {}", settings.key, last_reason()));
  if (SSL_CTX_load_verify_locations(context.get(), files.ca.c_str(), nullptr) != 1)
    return refused(fmt::format("cluster-tls-ca: {} is refused by OpenSSL: {}", settings.ca, last_reason()));
  return context;
}

/// Everything that a peer with the same authority demands of the certificates in `own`.
result<timestamp> verify_both_ends(const tls_settings& settings, STACK_OF(X509) * own, STACK_OF(X509) * authority,
                                   int level) {
  const store_ptr trusted{X509_STORE_new()};
  for (int i = 0; i < sk_X509_num(authority); ++i)
    X509_STORE_add_cert(trusted.get(), sk_X509_value(authority, i));
  auto expires = verify(settings, own, trusted.get(), X509_PURPOSE_SSL_SERVER, level);
  if (expires.has_error())
    return expires;
  return verify(settings, own, trusted.get(), X509_PURPOSE_SSL_CLIENT, level);
}

} // namespace

result<void> validate(const tls_settings& settings) {
  if (!settings.wanted())
    return {};
  std::string missing;
  for (const auto& [name, value] :
       {std::pair{"cluster-tls-ca", &settings.ca}, std::pair{"cluster-tls-certificate", &settings.certificate},
        std::pair{"cluster-tls-key", &settings.key}})
    if (value->empty())
      missing += (missing.empty() ? "" : ", ") + std::string{name};
  if (missing.empty())
    return {};
  return refused(missing + ": missing; TLS between nodes needs an authority, a certificate and its key");
}

result<tls_credentials> tls_credentials::load(const tls_settings& settings) {
  tls_credentials loaded;
  if (const auto whole = validate(settings); whole.has_error())
    return whole.error();
  if (!settings.wanted())
    return loaded;
  const auto authority = read_certificates("cluster-tls-ca", settings.ca);
  if (authority.has_error())
    return authority.error();
  const auto own = read_certificates("cluster-tls-certificate", settings.certificate);
  if (own.has_error())
    return own.error();
  const auto* leaf = sk_X509_value(own->all.get(), 0);
  const auto key = read_key(settings, leaf);
  if (key.has_error())
    return key.error();
  for (const auto& [kept, name, text] : {std::tuple{&loaded.ca_, "waybill-tls-ca", &authority->text},
                                         std::tuple{&loaded.certificate_, "waybill-tls-certificate", &own->text},
                                         std::tuple{&loaded.key_, "waybill-tls-key", &*key}}) {
    auto made = memory_file::make(name, *text);
    if (made.has_error())
      return made.error();
    *kept = std::move(*made);
  }
  loaded.used_ = true;
  const auto context = rehearse(settings, loaded.files());
  if (context.has_error())
    return context.error();
  const auto expires =
    verify_both_ends(settings, own->all.get(), authority->all.get(), SSL_CTX_get_security_level(context->get()));
  if (expires.has_error())
    return expires.error();
  loaded.subject_ = subject_of(leaf);
  loaded.expires_ = *expires;
  return loaded;
}

tls_files tls_credentials::files() const {
  return used_ ? tls_files{ca_.path(), certificate_.path(), key_.path()} : tls_files{};
}

} // namespace waybill
