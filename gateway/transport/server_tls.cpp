#include "gateway/transport/server_tls.hpp"

#include "transport/pem.hpp"

#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <string_view>

namespace waybill {

namespace {

using pem::refused;

constexpr std::string_view certificate_option = "http-tls-certificate";
constexpr std::string_view key_option = "http-tls-key";
constexpr std::string_view passphrase_option = "http-tls-passphrase";

/// Forward secrecy and authenticated encryption only (RFC 9325, section 4.2); TLS 1.3 has nothing else.
constexpr auto ciphers = "ECDHE+AESGCM:ECDHE+CHACHA20:!aNULL";
constexpr auto groups = "X25519:P-256:P-384";
/// The list of protocols in the form of RFC 7301, section 3.1.
constexpr std::string_view protocols{"\x08http/1.1"};

std::string about_certificate(const server_tls_settings& settings, std::string_view sentence) {
  return std::string{certificate_option} + ": " + settings.certificate + ' ' + std::string{sentence};
}

/// A client that uses ALPN without HTTP/1.1 gets an alert instead of an answer that it cannot read (RFC 7301, 3.2).
int choose_protocol(SSL*, const unsigned char** out, unsigned char* size, const unsigned char* offered,
                    unsigned int offered_size, void*) {
  auto* chosen = const_cast<unsigned char**>(out);
  const auto* ours = reinterpret_cast<const unsigned char*>(protocols.data());
  return SSL_select_next_proto(chosen, size, ours, static_cast<unsigned>(protocols.size()), offered, offered_size)
             == OPENSSL_NPN_NEGOTIATED
           ? SSL_TLSEXT_ERR_OK
           : SSL_TLSEXT_ERR_ALERT_FATAL;
}

result<void> check_leaf(const server_tls_settings& settings, X509* leaf) {
  if (X509_cmp_current_time(X509_get0_notAfter(leaf)) <= 0)
    return refused(about_certificate(settings, "has expired"));
  if (X509_cmp_current_time(X509_get0_notBefore(leaf)) > 0)
    return refused(about_certificate(settings, "is not valid yet"));
  if (X509_check_purpose(leaf, X509_PURPOSE_SSL_SERVER, 0) != 1)
    return refused(about_certificate(settings, "may not be used for a server: see its extendedKeyUsage"));
  return {};
}

void set_options(SSL_CTX* context) {
  SSL_CTX_set_options(context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_TICKET
                                 | SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA);
  SSL_CTX_set_mode(context,
                   SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_alpn_select_cb(context, choose_protocol, nullptr);
}

result<std::shared_ptr<SSL_CTX>> make_context(const pem::identity& own) {
  std::shared_ptr<SSL_CTX> context{SSL_CTX_new(TLS_server_method()), SSL_CTX_free};
  if (!context || SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION) != 1
      || SSL_CTX_set_cipher_list(context.get(), ciphers) != 1 || SSL_CTX_set1_groups_list(context.get(), groups) != 1)
    return refused(std::string{certificate_option} + ": OpenSSL cannot do TLS 1.2 and 1.3: " + pem::last_reason());
  if (auto done = pem::present(own, context.get()); done.has_error())
    return done.error();
  set_options(context.get());
  return context;
}

} // namespace

std::string server_tls_settings::validate() const {
  if (!wanted())
    return {};
  std::string missing;
  if (certificate.empty())
    missing = certificate_option;
  if (key.empty())
    missing += (missing.empty() ? "" : ", ") + std::string{key_option};
  return missing.empty() ? missing : missing + ": missing; HTTPS needs a certificate and its key";
}

result<server_tls> server_tls::load(const server_tls_settings& settings) {
  server_tls loaded;
  if (auto wrong = settings.validate(); !wrong.empty())
    return refused(std::move(wrong));
  if (!settings.wanted())
    return loaded;
  const auto own = pem::read_identity(certificate_option, settings.certificate,
                                      {key_option, settings.key, passphrase_option, settings.passphrase});
  if (own.has_error())
    return own.error();
  if (auto fits = check_leaf(settings, own->leaf()); fits.has_error())
    return fits.error();
  auto context = make_context(*own);
  if (context.has_error())
    return context.error();
  loaded.context_ = std::move(*context);
  loaded.subject_ = pem::subject_of(own->leaf());
  loaded.expires_ = timestamp::max();
  for (const auto& certificate : own->chain)
    loaded.expires_ = std::min(loaded.expires_, pem::time_of(X509_get0_notAfter(certificate.get())));
  return loaded;
}

} // namespace waybill
