#include "tests/gateway/support/tls_client.hpp"

#include "tests/support/exchanges.hpp"

#include <boost/beast/core/string.hpp>

#include <openssl/pem.h>

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <stdexcept>

namespace waybill::test {

namespace {

constexpr int patience_seconds = 60;

int connect_to(std::uint16_t port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
  const timeval limit{patience_seconds, 0};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  sockaddr_in where{};
  where.sin_family = AF_INET;
  where.sin_port = htons(port);
  where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&where), sizeof where) != 0) {
    ::close(fd);
    throw std::runtime_error{"nobody listens"};
  }
  return fd;
}

void trust(SSL_CTX* context, const std::string& authority) {
  std::unique_ptr<BIO, int (*)(BIO*)> source{BIO_new_mem_buf(authority.data(), static_cast<int>(authority.size())),
                                             BIO_free};
  std::unique_ptr<X509, void (*)(X509*)> certificate{PEM_read_bio_X509(source.get(), nullptr, nullptr, nullptr),
                                                     X509_free};
  X509_STORE_add_cert(SSL_CTX_get_cert_store(context), certificate.get());
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
}

} // namespace

tls_client::tls_client(std::uint16_t port, const tls_wishes& wishes)
  : context_(SSL_CTX_new(TLS_client_method()), SSL_CTX_free), ssl_(nullptr, SSL_free) {
  SSL_CTX_set_security_level(context_.get(), 0);
  SSL_CTX_set_min_proto_version(context_.get(), wishes.lowest);
  SSL_CTX_set_max_proto_version(context_.get(), wishes.highest);
  if (!wishes.ciphers.empty())
    SSL_CTX_set_cipher_list(context_.get(), wishes.ciphers.c_str());
  if (!wishes.authority.empty())
    trust(context_.get(), wishes.authority);
  ssl_.reset(SSL_new(context_.get()));
  if (!wishes.protocol.empty()) {
    const auto list = static_cast<char>(wishes.protocol.size()) + wishes.protocol;
    SSL_set_alpn_protos(ssl_.get(), reinterpret_cast<const unsigned char*>(list.data()),
                        static_cast<unsigned>(list.size()));
  }
  socket_ = connect_to(port);
  SSL_set_fd(ssl_.get(), socket_);
}

tls_client::~tls_client() {
  ::close(socket_);
}

bool tls_client::shake_hands() {
  return SSL_connect(ssl_.get()) == 1;
}

void tls_client::write(std::string_view octets) {
  if (SSL_write(ssl_.get(), octets.data(), static_cast<int>(octets.size())) <= 0)
    throw std::runtime_error{"cannot be written"};
}

std::string tls_client::read_until(std::string_view text) {
  while (seen_.find(text) == std::string::npos) {
    std::array<char, 4096> part{};
    const auto n = SSL_read(ssl_.get(), part.data(), part.size());
    if (n <= 0)
      throw std::runtime_error{"ended before it came: " + std::string{text}};
    seen_.append(part.data(), static_cast<std::size_t>(n));
  }
  return std::exchange(seen_, {});
}

bool tls_client::ended_in_order() {
  std::array<char, 4096> part{};
  int n = 1;
  while (n > 0)
    n = SSL_read(ssl_.get(), part.data(), part.size());
  return SSL_get_error(ssl_.get(), n) == SSL_ERROR_ZERO_RETURN;
}

answer tls_client::send(std::string_view method, std::string_view target, std::string_view body,
                        const header_list& headers) {
  std::string text = std::string{method} + ' ' + std::string{target} + " HTTP/1.1\r\nHost: localhost\r\n";
  for (const auto& [name, value] : headers)
    text += name + ": " + value + "\r\n";
  if (!body.empty())
    text += "Content-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) + "\r\n";
  write(text + "\r\n" + std::string{body});
  auto all = read_until("\r\n\r\n");
  const auto head_end = all.find("\r\n\r\n") + 4;
  answer result;
  result.status = static_cast<unsigned>(std::stoul(all.substr(9, 3)));
  for (auto at = all.find("\r\n") + 2; at < head_end - 2;) {
    const auto end = all.find("\r\n", at);
    const auto colon = all.find(": ", at);
    result.headers.emplace_back(all.substr(at, colon - at), all.substr(colon + 2, end - colon - 2));
    at = end + 2;
  }
  const auto length = result.header("Content-Length");
  while (!length.empty() && all.size() < head_end + std::stoul(length)) {
    seen_.clear();
    std::array<char, 4096> part{};
    const auto n = SSL_read(ssl_.get(), part.data(), part.size());
    if (n <= 0)
      throw std::runtime_error{"ended within an answer"};
    all.append(part.data(), static_cast<std::size_t>(n));
  }
  result.body = all.substr(head_end);
  record({std::string{method}, std::string{target}, {}, std::string{body}, result.status, result.headers, result.body});
  return result;
}

std::string tls_client::subject() const {
  std::unique_ptr<X509, void (*)(X509*)> peer{SSL_get1_peer_certificate(ssl_.get()), X509_free};
  std::array<char, 256> text{};
  X509_NAME_get_text_by_NID(X509_get_subject_name(peer.get()), NID_commonName, text.data(), text.size());
  return text.data();
}

std::string tls_client::version() const {
  return SSL_get_version(ssl_.get());
}

std::string tls_client::protocol() const {
  const unsigned char* name = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(ssl_.get(), &name, &size);
  return {reinterpret_cast<const char*>(name), size};
}

void tls_client::write_raw(std::string_view octets) {
  if (::send(socket_, octets.data(), octets.size(), MSG_NOSIGNAL) < 0)
    throw std::runtime_error{"cannot be written"};
}

void tls_client::end_writing_raw() {
  ::shutdown(socket_, SHUT_WR);
}

std::string tls_client::read_raw_to_end() {
  std::string all;
  std::array<char, 4096> part{};
  for (;;) {
    const auto n = ::recv(socket_, part.data(), part.size(), 0);
    if (n < 0 && errno != ECONNRESET)
      throw std::runtime_error{"nothing came in time"};
    if (n <= 0)
      return all;
    all.append(part.data(), static_cast<std::size_t>(n));
  }
}

} // namespace waybill::test
