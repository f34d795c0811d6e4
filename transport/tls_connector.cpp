#include "transport/tls_connector.hpp"

#include "transport/tls_session.hpp"

#include <caf/detail/socket_guard.hpp>
#include <caf/io/basp_broker.hpp>
#include <caf/io/middleman.hpp>
#include <caf/io/middleman_actor_impl.hpp>
#include <caf/io/network/default_multiplexer.hpp>
#include <caf/io/network/doorman_impl.hpp>
#include <caf/io/network/stream_impl.hpp>
#include <caf/make_counted.hpp>

#include <csignal>
#include <exception>

namespace waybill {

namespace {

namespace net = caf::io::network;

/// What CAF's streams do with a session.
struct tls_policy {
  std::unique_ptr<tls_session> session;

  net::rw_state read_some(std::size_t& done, net::native_socket, void* buffer, std::size_t size) {
    return session->read_some(done, buffer, size);
  }

  net::rw_state write_some(std::size_t& done, net::native_socket, const void* buffer, std::size_t size) {
    return session->write_some(done, buffer, size);
  }

  bool must_read_more(net::native_socket, std::size_t threshold) { return session->has_pending(threshold); }
};

/// As CAF's own scribe, on a stream with TLS.
class tls_scribe final : public caf::io::scribe {
public:
  tls_scribe(net::default_multiplexer& multiplexer, net::native_socket fd, std::unique_ptr<tls_session> session)
    : scribe(net::conn_hdl_from_socket(fd)), stream_(multiplexer, fd, tls_policy{std::move(session)}) {}

  void configure_read(caf::io::receive_policy::config config) override {
    stream_.configure_read(config);
    if (launched_)
      return;
    launched_ = true;
    stream_.start(this);
    // Begins the handshake, also when there is nothing to write.
    stream_.force_empty_write(this);
  }

  void ack_writes(bool enable) override { stream_.ack_writes(enable); }
  caf::byte_buffer& wr_buf() override { return stream_.wr_buf(); }
  caf::byte_buffer& rd_buf() override { return stream_.rd_buf(); }
  void flush() override { stream_.flush(this); }
  void add_to_loop() override { stream_.activate(this); }
  void remove_from_loop() override { stream_.passivate(); }

  void graceful_shutdown() override {
    stream_.graceful_shutdown();
    detach(&stream_.backend(), false);
  }

  std::string addr() const override {
    const auto known = net::remote_addr_of_fd(stream_.fd());
    return known ? *known : std::string{};
  }

  std::uint16_t port() const override {
    const auto known = net::remote_port_of_fd(stream_.fd());
    return known ? *known : std::uint16_t{0};
  }

private:
  bool launched_ = false;
  net::stream_impl<tls_policy> stream_;
};

class tls_doorman final : public net::doorman_impl {
public:
  tls_doorman(net::default_multiplexer& multiplexer, net::native_socket fd,
              std::shared_ptr<const transport_security> security)
    : doorman_impl(multiplexer, fd), security_(std::move(security)) {}

  bool new_connection() override {
    // The broker has gone, the socket is not yet out of the loop.
    if (detached())
      return false;
    auto& multiplexer = acceptor_.backend();
    const auto fd = acceptor_.accepted_socket();
    caf::detail::socket_guard guard{fd};
    net::nonblocking(fd, true);
    caf::io::scribe_ptr scribe;
    try {
      auto session = std::make_unique<tls_session>(security_, fd, handshakes_);
      scribe = caf::make_counted<tls_scribe>(multiplexer, fd, std::move(session));
    } catch (const std::exception&) {
      // An exception in this thread would end the process: the stranger has to go.
      return false;
    }
    guard.release();
    const auto handle = scribe->hdl();
    parent()->add_scribe(std::move(scribe));
    return doorman::new_connection(&multiplexer, handle);
  }

private:
  std::shared_ptr<const transport_security> security_;
  std::shared_ptr<open_handshakes> handshakes_ = std::make_shared<open_handshakes>();
};

class tls_connector final : public caf::io::middleman_actor_impl {
public:
  tls_connector(caf::actor_config& config, caf::actor broker, std::shared_ptr<const transport_security> security)
    : middleman_actor_impl(config, std::move(broker)), security_(std::move(security)) {}

  const char* name() const override { return "waybill.tls-connector"; }

protected:
  caf::expected<caf::io::scribe_ptr> connect(const std::string& host, std::uint16_t port) override {
    auto fd = net::new_tcp_connection(host, port);
    if (!fd)
      return std::move(fd.error());
    caf::detail::socket_guard guard{*fd};
    net::nonblocking(*fd, true);
    auto session = std::make_unique<tls_session>(security_, *fd);
    caf::io::scribe_ptr scribe = caf::make_counted<tls_scribe>(multiplexer(), *fd, std::move(session));
    guard.release();
    return scribe;
  }

  caf::expected<caf::io::doorman_ptr> open(std::uint16_t port, const char* address, bool reuse) override {
    auto fd = net::new_tcp_acceptor_impl(port, address, reuse);
    if (!fd)
      return std::move(fd.error());
    return caf::io::doorman_ptr{caf::make_counted<tls_doorman>(multiplexer(), *fd, security_)};
  }

private:
  net::default_multiplexer& multiplexer() {
    return dynamic_cast<net::default_multiplexer&>(system().middleman().backend());
  }

  std::shared_ptr<const transport_security> security_;
};

} // namespace

caf::io::middleman_actor spawn_tls_connector(caf::actor_system& sys, const transport_security& security) {
  // OpenSSL writes to sockets as to files: a peer that has gone must not end the process.
  std::signal(SIGPIPE, SIG_IGN);
  auto broker = sys.middleman().named_broker<caf::io::basp_broker>("BASP");
  // Detached: looking names up and connecting block.
  return sys.spawn<tls_connector, caf::detached + caf::hidden>(std::move(broker),
                                                               std::make_shared<const transport_security>(security));
}

} // namespace waybill
