#include "brokers/tls.hpp"

#include "domain/base/errors.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <system_error>

namespace waybill::brokers {

namespace {

int note_error(int is_sound, X509_STORE_CTX* state) {
  if (is_sound == 0) {
    const auto* session =
      static_cast<const SSL*>(::X509_STORE_CTX_get_ex_data(state, ::SSL_get_ex_data_X509_STORE_CTX_idx()));
    *static_cast<int*>(SSL_CTX_get_app_data(::SSL_get_SSL_CTX(session))) = ::X509_STORE_CTX_get_error(state);
  }
  return is_sound;
}

} // namespace

result<void> certificate_check::demand(SSL_CTX* context, const std::string& host, const std::string& ca_file) {
  error_ = X509_V_OK;
  ::ERR_clear_error();
  const bool trusts = ca_file.empty() ? ::SSL_CTX_set_default_verify_paths(context) == 1
                                      : ::SSL_CTX_load_verify_locations(context, ca_file.c_str(), nullptr) == 1;
  if (!trusts)
    return failure{ec::unavailable, "the authorities of certificates cannot be read: " + take_tls_error()};
  auto* demands = ::SSL_CTX_get0_param(context);
  ::X509_VERIFY_PARAM_set_hostflags(demands, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  // An address must be in the certificate as an address. What is none is a name.
  if (::X509_VERIFY_PARAM_set1_ip_asc(demands, host.c_str()) != 1
      && ::X509_VERIFY_PARAM_set1_host(demands, host.c_str(), host.size()) != 1)
    return failure{ec::unavailable, "no memory for a connection"};
  if (SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) != 1)
    return failure{ec::unavailable, "OpenSSL has no TLS 1.2: " + take_tls_error()};
  SSL_CTX_set_app_data(context, &error_);
  ::SSL_CTX_set_verify(context, SSL_VERIFY_PEER, &note_error);
  return {};
}

std::optional<failure> certificate_check::refusal(const std::string& server) const {
  if (error_ == X509_V_OK)
    return std::nullopt;
  return failure{ec::unavailable, describe_certificate_error(server, error_)};
}

std::string describe_certificate_error(const std::string& server, int error) {
  if (error == X509_V_ERR_HOSTNAME_MISMATCH || error == X509_V_ERR_IP_ADDRESS_MISMATCH)
    return "the certificate of " + server + " is for another host";
  return "the certificate of " + server + " is not trusted: " + ::X509_verify_cert_error_string(error);
}

std::string take_tls_error() {
  const auto code = ::ERR_peek_error();
  ::ERR_clear_error();
  if (ERR_SYSTEM_ERROR(code))
    return std::generic_category().message(ERR_GET_REASON(code));
  const auto* reason = ::ERR_reason_error_string(code);
  return reason == nullptr ? "no reason is known" : reason;
}

} // namespace waybill::brokers
