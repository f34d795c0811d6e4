#include "gateway/transport/listener.hpp"

#include "domain/base/errors.hpp"
#include "domain/base/log.hpp"

#include <boost/asio/ip/address.hpp>

#include <boost/asio/ip/address.hpp>

namespace waybill::http {

namespace net = boost::asio;
using boost::system::error_code;

namespace {

constexpr int backlog = 1024;
constexpr std::chrono::milliseconds rest{100};

} // namespace

result<void> listener::open(const listen_address& where) {
  try {
    const net::ip::tcp::endpoint at{net::ip::make_address(where.address), where.port};
    acceptor_.open(at.protocol());
    acceptor_.set_option(net::socket_base::reuse_address{true});
    acceptor_.bind(at);
    acceptor_.listen(backlog);
    port_ = acceptor_.local_endpoint().port();
    return {};
  } catch (const boost::system::system_error& error) {
    return failure{ec::unavailable, "cannot listen on " + where.address + ':' + std::to_string(where.port) + ": "
                                      + error.code().message()};
  }
}

void listener::accept() {
  acceptor_.async_accept([this](error_code error, net::ip::tcp::socket socket) {
    if (!error)
      receive_(std::move(socket));
    if (!acceptor_.is_open())
      return;
    if (!error) {
      accept();
    } else {
      // Out of descriptors: nothing can be accepted until some are free, and asking at once would spin.
      log_warning("cannot accept a connection: {}", error.message());
      pause_.expires_after(rest);
      pause_.async_wait([this](error_code) {
        if (acceptor_.is_open())
          accept();
      });
    }
  });
}

void listener::close() {
  error_code error;
  acceptor_.cancel(error);
  acceptor_.non_blocking(true, error);
  while (!error) {
    net::ip::tcp::socket socket{acceptor_.get_executor()};
    acceptor_.accept(socket, error);
    if (!error)
      receive_(std::move(socket));
  }
  acceptor_.close(error);
  pause_.cancel();
}

} // namespace waybill::http
