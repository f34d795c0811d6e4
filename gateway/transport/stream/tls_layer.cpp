#include "gateway/transport/stream/tls_layer.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>

#include <sys/socket.h>

#include <cerrno>
#include <new>

namespace waybill::http {

namespace {

int fd_of(BIO* bio) {
  return static_cast<int>(reinterpret_cast<std::intptr_t>(BIO_get_data(bio)));
}

bool would_block() {
  return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

int receive(BIO* bio, char* to, int size) {
  BIO_clear_retry_flags(bio);
  const auto n = ::recv(fd_of(bio), to, static_cast<std::size_t>(size), 0);
  if (n < 0 && would_block())
    BIO_set_retry_read(bio);
  return static_cast<int>(n);
}

/// OpenSSL's own socket BIO would raise SIGPIPE.
int transmit(BIO* bio, const char* from, int size) {
  BIO_clear_retry_flags(bio);
  const auto n = ::send(fd_of(bio), from, static_cast<std::size_t>(size), MSG_NOSIGNAL);
  if (n < 0 && would_block())
    BIO_set_retry_write(bio);
  return static_cast<int>(n);
}

long control(BIO*, int command, long, void*) {
  return command == BIO_CTRL_FLUSH ? 1 : 0;
}

BIO_METHOD* method() {
  static auto* const made = [] {
    auto* table = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "socket without signals");
    BIO_meth_set_read(table, receive);
    BIO_meth_set_write(table, transmit);
    BIO_meth_set_ctrl(table, control);
    return table;
  }();
  return made;
}

} // namespace

tls_layer::tls_layer(tcp_socket& socket, SSL_CTX& context) : ssl_(SSL_new(&context)) {
  auto* bio = ssl_ ? BIO_new(method()) : nullptr;
  if (!bio)
    throw std::bad_alloc{};
  BIO_set_data(bio, reinterpret_cast<void*>(static_cast<std::intptr_t>(socket.native_handle())));
  BIO_set_init(bio, 1);
  SSL_set_bio(ssl_.get(), bio, bio);
  SSL_set_accept_state(ssl_.get());
  socket.native_non_blocking(true);
}

tls_layer::outcome tls_layer::shake_hands() {
  // SSL_get_error looks into an error queue of the whole thread: an error that another connection left there would
  // count as ours.
  ERR_clear_error();
  return judge(SSL_do_handshake(ssl_.get()), 0);
}

tls_layer::outcome tls_layer::read(void* to, std::size_t size) {
  ERR_clear_error();
  std::size_t octets = 0;
  const auto result = SSL_read_ex(ssl_.get(), to, size, &octets);
  return judge(result, octets);
}

tls_layer::outcome tls_layer::write(const void* from, std::size_t size) {
  ERR_clear_error();
  std::size_t octets = 0;
  const auto result = SSL_write_ex(ssl_.get(), from, size, &octets);
  return judge(result, octets);
}

tls_layer::outcome tls_layer::judge(int result, std::size_t octets) {
  if (result == 1)
    return {wish::nothing, {}, octets};
  switch (SSL_get_error(ssl_.get(), result)) {
    case SSL_ERROR_WANT_READ: return {wish::readable, {}, 0};
    case SSL_ERROR_WANT_WRITE: return {wish::writable, {}, 0};
    case SSL_ERROR_ZERO_RETURN: return {wish::nothing, net::error::eof, 0};
    default: break;
  }
  broken_ = true;
  const auto* text = ERR_reason_error_string(ERR_peek_last_error());
  reason_ = text ? text : "the client closed the connection";
  return {wish::nothing, net::error::connection_reset, 0};
}

// After a fatal error SSL_shutdown must not be called, and before the end of the handshake it cannot.
void tls_layer::say_end() {
  if (broken_ || !SSL_is_init_finished(ssl_.get()) || (SSL_get_shutdown(ssl_.get()) & SSL_SENT_SHUTDOWN) != 0)
    return;
  ERR_clear_error();
  SSL_shutdown(ssl_.get());
}

} // namespace waybill::http
