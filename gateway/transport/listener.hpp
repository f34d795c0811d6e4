#pragma once

#include "gateway/config.hpp"

#include "domain/base/result.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include <functional>

namespace waybill::http {

/// Accepts connections at one address and hands them over. Everything but the constructor, open() and port() runs on
/// the thread of `io`.
class listener {
public:
  using receiver = std::function<void(boost::asio::ip::tcp::socket)>;

  listener(boost::asio::io_context& io, receiver each) : acceptor_(io), pause_(io), receive_(std::move(each)) {}

  /// Fails with ec::unavailable when the address cannot be used.
  result<void> open(const listen_address& where);
  [[nodiscard]] std::uint16_t port() const noexcept { return port_; }

  void accept();

  /// Accepts the connections that the kernel has made already, since closing would reset them, and ends.
  void close();

private:
  boost::asio::ip::tcp::acceptor acceptor_;
  boost::asio::steady_timer pause_;
  receiver receive_;
  std::uint16_t port_ = 0;
};

} // namespace waybill::http
