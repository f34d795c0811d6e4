#include "transport/cluster_tls.hpp"

#include "transport/pem.hpp"

#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <memory>
#include <vector>

namespace waybill {

namespace {

template <auto Free>
struct freed_by {
  template <class T>
  void operator()(T* object) const {
    Free(object);
  }
};

void free_stack(STACK_OF(X509) * all) {
  sk_X509_free(all);
}

using stack_ptr = std::unique_ptr<STACK_OF(X509), freed_by<free_stack>>;
using store_ptr = std::unique_ptr<X509_STORE, freed_by<X509_STORE_free>>;
using verification_ptr = std::unique_ptr<X509_STORE_CTX, freed_by<X509_STORE_CTX_free>>;

using pem::refused;

/// As OpenSSL wants to be shown them; they stay whose they are.
stack_ptr stack_of(const std::vector<pem::certificate_ptr>& certificates) {
  stack_ptr all{sk_X509_new_null()};
  for (const auto& certificate : certificates)
    sk_X509_push(all.get(), certificate.get());
  return all;
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
    expires = std::min(expires, pem::time_of(X509_get0_notAfter(sk_X509_value(chain, i))));
  return expires;
}

/// Trusts nobody but the authority.
store_ptr make_store(const std::vector<pem::certificate_ptr>& authority) {
  store_ptr trusted{X509_STORE_new()};
  for (const auto& certificate : authority)
    X509_STORE_add_cert(trusted.get(), certificate.get());
  return trusted;
}

/// Both ends are nodes of this program: TLS 1.3 only.
result<std::shared_ptr<SSL_CTX>> make_cluster_context(const pem::identity& own, X509_STORE* trusted) {
  std::shared_ptr<SSL_CTX> context{SSL_CTX_new(TLS_method()), freed_by<SSL_CTX_free>{}};
  if (!context || SSL_CTX_set_min_proto_version(context.get(), TLS1_3_VERSION) != 1)
    return refused("cluster-tls-certificate: OpenSSL cannot do TLS 1.3: " + pem::last_reason());
  if (auto done = pem::present(own, context.get()); done.has_error())
    return done.error();
  SSL_CTX_set1_cert_store(context.get(), trusted);
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  SSL_CTX_set_mode(context.get(), SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  return context;
}

/// Everything that a peer with the same authority demands of the certificates in `own`.
result<timestamp> verify_both_ends(const tls_settings& settings, STACK_OF(X509) * own, X509_STORE* trusted, int level) {
  auto expires = verify(settings, own, trusted, X509_PURPOSE_SSL_SERVER, level);
  if (expires.has_error())
    return expires;
  return verify(settings, own, trusted, X509_PURPOSE_SSL_CLIENT, level);
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

result<cluster_tls> cluster_tls::load(const tls_settings& settings) {
  cluster_tls loaded;
  if (const auto whole = validate(settings); whole.has_error())
    return whole.error();
  if (!settings.wanted())
    return loaded;
  const auto authority = pem::read_certificates("cluster-tls-ca", settings.ca);
  if (authority.has_error())
    return authority.error();
  const auto own = pem::read_identity("cluster-tls-certificate", settings.certificate,
                                      {"cluster-tls-key", settings.key, "cluster-tls-passphrase", settings.passphrase});
  if (own.has_error())
    return own.error();
  const auto trusted = make_store(*authority);
  auto context = make_cluster_context(*own, trusted.get());
  if (context.has_error())
    return context.error();
  const auto chain = stack_of(own->chain);
  const auto expires =
    verify_both_ends(settings, chain.get(), trusted.get(), SSL_CTX_get_security_level(context->get()));
  if (expires.has_error())
    return expires.error();
  loaded.context_ = std::move(*context);
  loaded.subject_ = pem::subject_of(own->leaf());
  loaded.expires_ = *expires;
  return loaded;
}

} // namespace waybill
