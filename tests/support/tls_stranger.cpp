#include "tests/support/tls_stranger.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <stdexcept>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace waybill::test {

plain_stranger::plain_stranger(const std::string& address) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  const timeval patience{30, 0};
  ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  sockaddr_in where{};
  where.sin_family = AF_INET;
  where.sin_port =
    htons(static_cast<std::uint16_t>(std::strtoul(address.c_str() + address.rfind(':') + 1, nullptr, 10)));
  where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(socket_, reinterpret_cast<sockaddr*>(&where), sizeof where) != 0)
    throw std::runtime_error("no connection to " + address);
}

plain_stranger::~plain_stranger() {
  if (socket_ >= 0)
    ::close(socket_);
}

void plain_stranger::say(const std::string& bytes) {
  ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
}

std::string plain_stranger::everything() {
  std::string all;
  char buffer[4096];
  while (true) {
    const auto count = ::recv(socket_, buffer, sizeof buffer, 0);
    if (count <= 0) {
      closed_ = count == 0 || errno == ECONNRESET;
      return all;
    }
    all.append(buffer, static_cast<std::size_t>(count));
  }
}

tls_stranger::tls_stranger(const std::string& address, const certificate_and_key& own, int version) : tcp_(address) {
  // OpenSSL writes to sockets that may be closed.
  std::signal(SIGPIPE, SIG_IGN);
  context_ = SSL_CTX_new(TLS_client_method());
  SSL_CTX_set_verify(context_, SSL_VERIFY_NONE, nullptr);
  SSL_CTX_set_min_proto_version(context_, version);
  SSL_CTX_set_max_proto_version(context_, version);
  if (!own.certificate.empty()) {
    BIO* in = BIO_new_mem_buf(own.certificate.data(), static_cast<int>(own.certificate.size()));
    X509* certificate = PEM_read_bio_X509(in, nullptr, nullptr, nullptr);
    SSL_CTX_use_certificate(context_, certificate);
    X509_free(certificate);
    BIO_free_all(in);
    in = BIO_new_mem_buf(own.key.data(), static_cast<int>(own.key.size()));
    EVP_PKEY* key = PEM_read_bio_PrivateKey(in, nullptr, nullptr, nullptr);
    SSL_CTX_use_PrivateKey(context_, key);
    EVP_PKEY_free(key);
    BIO_free_all(in);
  }
  session_ = SSL_new(context_);
  SSL_set_fd(session_, tcp_.socket());
  connected_ = SSL_connect(session_) == 1;
  closed_ = !connected_;
}

tls_stranger::~tls_stranger() {
  SSL_free(session_);
  SSL_CTX_free(context_);
}

bool tls_stranger::hears(const std::string& text) {
  std::string all;
  while (connected_ && all.find(text) == std::string::npos) {
    const auto more = read_some();
    if (more.empty())
      return false;
    all += more;
  }
  return connected_;
}

std::string tls_stranger::everything() {
  std::string all;
  while (connected_) {
    const auto more = read_some();
    if (more.empty())
      return all;
    all += more;
  }
  return all;
}

std::string tls_stranger::read_some() {
  char buffer[4096];
  ERR_clear_error();
  const auto count = SSL_read(session_, buffer, sizeof buffer);
  if (count > 0)
    return {buffer, static_cast<std::size_t>(count)};
  // Nothing within the time of the socket is no end.
  closed_ = SSL_get_error(session_, count) != SSL_ERROR_WANT_READ;
  return {};
}

} // namespace waybill::test
