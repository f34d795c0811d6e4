#include "transport/pem.hpp"

#include "domain/base/errors.hpp"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <fstream>
#include <utility>

namespace waybill::pem {

namespace {

struct free_bio {
  void operator()(BIO* bio) const { BIO_free_all(bio); }
};
using bio_ptr = std::unique_ptr<BIO, free_bio>;

bio_ptr reading(const std::string& text) {
  return bio_ptr{BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))};
}

std::string about(std::string_view option, std::string_view path) {
  return std::string{option} + ": " + std::string{path};
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
    return refused(about(option, path) + " cannot be read: " + (errno != 0 ? std::strerror(errno) : "it is no file"));
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.size() > longest_file)
    return refused(about(option, path) + " is longer than any PEM file should be");
  return text;
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

result<key_ptr> parse_key(const key_source& from, const std::string& text) {
  passphrase_source source{from.passphrase};
  key_ptr key{PEM_read_bio_PrivateKey(reading(text).get(), nullptr, &passphrase_source::answer, &source)};
  if (key)
    return key;
  if (!source.asked)
    return refused(about(from.option, from.path) + " holds no PEM private key");
  return from.passphrase.empty() ? refused(about(from.passphrase_option, "missing, and ") + from.path + " is encrypted")
                                 : refused(about(from.passphrase_option, "it does not open ") + from.path);
}

/// The key of `leaf`, which came from `leaf_path`.
result<key_ptr> read_key(const key_source& from, const X509* leaf, const std::string& leaf_path) {
  auto text = read_file(from.option, from.path);
  if (text.has_error())
    return text.error();
  auto key = parse_key(from, *text);
  OPENSSL_cleanse(text->data(), text->size());
  if (key.has_value() && X509_check_private_key(leaf, key->get()) != 1)
    return refused(about(from.option, from.path) + " is not the key of " + leaf_path);
  return key;
}

} // namespace

failure refused(std::string detail) {
  ERR_clear_error();
  return {ec::invalid_argument, std::move(detail)};
}

std::string last_reason() {
  const auto* reason = ERR_reason_error_string(ERR_peek_last_error());
  return reason == nullptr ? "unknown reason" : reason;
}

result<std::vector<certificate_ptr>> read_certificates(std::string_view option, const std::string& path) {
  std::vector<certificate_ptr> all;
  const auto text = read_file(option, path);
  if (text.has_error())
    return text.error();
  const auto source = reading(*text);
  while (auto* certificate = PEM_read_bio_X509(source.get(), nullptr, nullptr, nullptr))
    all.emplace_back(certificate);
  const auto last = ERR_peek_last_error();
  const bool at_end = ERR_GET_LIB(last) == ERR_LIB_PEM && ERR_GET_REASON(last) == PEM_R_NO_START_LINE;
  if (!at_end)
    return refused(about(option, path) + " holds a certificate that cannot be read: " + last_reason());
  ERR_clear_error();
  if (all.empty())
    return refused(about(option, path) + " holds no PEM certificate");
  return all;
}

result<identity> read_identity(std::string_view option, const std::string& path, key_source key_from) {
  auto chain = read_certificates(option, path);
  if (chain.has_error())
    return chain.error();
  auto key = read_key(key_from, chain->front().get(), path);
  if (key.has_error())
    return key.error();
  return identity{option, path, std::move(*chain), std::move(key_from), std::move(*key)};
}

result<void> present(const identity& own, SSL_CTX* context) {
  bool taken = SSL_CTX_use_certificate(context, own.leaf()) == 1;
  for (std::size_t i = 1; taken && i < own.chain.size(); ++i)
    taken = SSL_CTX_add1_chain_cert(context, own.chain[i].get()) == 1;
  if (!taken)
    return refused(about(own.option, own.path) + " is refused by OpenSSL: " + last_reason());
  if (SSL_CTX_use_PrivateKey(context, own.key.get()) != 1)
    return refused(about(own.key_from.option, own.key_from.path) + " is refused by OpenSSL: " + last_reason());
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(context, 0);
  return {};
}

timestamp time_of(const ASN1_TIME* time) {
  std::tm parts{};
  ASN1_TIME_to_tm(time, &parts);
  return timestamp{std::chrono::seconds{::timegm(&parts)}};
}

std::string subject_of(const X509* certificate) {
  const bio_ptr out{BIO_new(BIO_s_mem())};
  X509_NAME_print_ex(out.get(), X509_get_subject_name(certificate), 0, XN_FLAG_ONELINE);
  char* data = nullptr;
  const auto size = BIO_get_mem_data(out.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

} // namespace waybill::pem
