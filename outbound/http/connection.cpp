#include "outbound/http/connection.hpp"

#include "domain/base/errors.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/error.hpp>
#include <boost/beast/core/tcp_stream.hpp>

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <cerrno>

#include <sys/socket.h>

namespace waybill::outbound {

class tls_context {
public:
  asio::ssl::context ssl{asio::ssl::context::tls_client};
  bool verifies = true;
};

namespace {

namespace beast = boost::beast;
using tcp = asio::ip::tcp;
using tls_stream = asio::ssl::stream<beast::tcp_stream>;

error_code without_beast(const error_code& code) {
  return code == beast::error::timeout ? error_code{asio::error::timed_out} : code;
}

/// What is the same for both kinds of Stream.
template <class Stream>
class connection_over : public connection {
public:
  template <class... Arguments>
  explicit connection_over(Arguments&&... arguments) : stream_(std::forward<Arguments>(arguments)...) {}

  void expires_at(clock::time_point time) override { tcp_layer().expires_at(time); }
  void expires_never() override { tcp_layer().expires_never(); }

  asio::awaitable<error_code> connect(std::vector<tcp::endpoint> addresses, std::string host) override {
    error_code code;
    co_await tcp_layer().async_connect(addresses, asio::redirect_error(asio::use_awaitable, code));
    if (!code)
      tcp_layer().socket().set_option(tcp::no_delay{true}, code);
    if (!code)
      code = co_await secure(std::move(host));
    co_return without_beast(code);
  }

  asio::awaitable<error_code> write(std::string_view octets) override {
    error_code code;
    co_await asio::async_write(stream_, asio::buffer(octets), asio::redirect_error(asio::use_awaitable, code));
    co_return without_beast(code);
  }

  asio::awaitable<error_code> read_some(asio::mutable_buffer into, std::size_t& size) override {
    error_code code;
    size = co_await stream_.async_read_some(into, asio::redirect_error(asio::use_awaitable, code));
    co_return without_beast(code);
  }

  bool is_quiet() override {
    char octet = 0;
    return ::recv(tcp_layer().socket().native_handle(), &octet, 1, MSG_PEEK | MSG_DONTWAIT) < 0
           && (errno == EAGAIN || errno == EWOULDBLOCK);
  }

  void close() override { tcp_layer().close(); }

protected:
  virtual asio::awaitable<error_code> secure(std::string /*host*/) { co_return error_code{}; }
  beast::tcp_stream& tcp_layer() { return beast::get_lowest_layer(stream_); }

  Stream stream_;
};

class tls_connection final : public connection_over<tls_stream> {
public:
  tls_connection(const asio::any_io_executor& executor, std::shared_ptr<tls_context> tls)
    : connection_over(executor, tls->ssl), tls_(std::move(tls)) {}

private:
  asio::awaitable<error_code> secure(std::string host) override {
    error_code code;
    asio::ip::make_address(host, code);
    // An address is no server name (RFC 6066, section 3).
    if (code && SSL_set_tlsext_host_name(stream_.native_handle(), host.c_str()) != 1)
      co_return error_code{static_cast<int>(ERR_get_error()), asio::error::get_ssl_category()};
    code = {};
    if (tls_->verifies)
      stream_.set_verify_callback(asio::ssl::host_name_verification{host}, code);
    if (!code)
      co_await stream_.async_handshake(asio::ssl::stream_base::client, asio::redirect_error(asio::use_awaitable, code));
    co_return code;
  }

  std::shared_ptr<tls_context> tls_;
};

} // namespace

result<std::shared_ptr<tls_context>> make_tls_context(const http_client_options& options) {
  auto made = std::make_shared<tls_context>();
  made->verifies = options.verify_certificates;
  error_code code;
  SSL_CTX_set_min_proto_version(made->ssl.native_handle(), TLS1_2_VERSION);
  made->ssl.set_verify_mode(made->verifies ? asio::ssl::verify_peer : asio::ssl::verify_none, code);
  if (!code && options.ca_file.empty())
    made->ssl.set_default_verify_paths(code);
  else if (!code)
    made->ssl.load_verify_file(options.ca_file, code);
  if (code)
    return failure{ec::invalid_argument, "the authorities' file cannot be used: " + code.message()};
  return made;
}

std::unique_ptr<connection> make_connection(const asio::any_io_executor& executor, std::shared_ptr<tls_context> tls) {
  if (tls)
    return std::make_unique<tls_connection>(executor, std::move(tls));
  return std::make_unique<connection_over<beast::tcp_stream>>(executor);
}

} // namespace waybill::outbound
