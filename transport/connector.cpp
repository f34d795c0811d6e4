#include "transport/connector.hpp"

#include <caf/detail/socket_guard.hpp>
#include <caf/io/basp_broker.hpp>
#include <caf/io/middleman.hpp>
#include <caf/io/middleman_actor_impl.hpp>
#include <caf/io/network/default_multiplexer.hpp>
#include <caf/io/network/doorman_impl.hpp>
#include <caf/io/network/stream_impl.hpp>
#include <caf/make_counted.hpp>

#include <exception>

namespace waybill {

namespace {

namespace net = caf::io::network;

/// What CAF's streams do with a session.
struct session_policy {
  std::unique_ptr<waybill::session> session;

  net::rw_state read_some(std::size_t& done, net::native_socket, void* buffer, std::size_t size) {
    return session->read_some(done, buffer, size);
  }

  net::rw_state write_some(std::size_t& done, net::native_socket, const void* buffer, std::size_t size) {
    return session->write_some(done, buffer, size);
  }

  bool must_read_more(net::native_socket, std::size_t threshold) { return session->has_pending(threshold); }
};

/// As CAF's own scribe, on a stream with a session.
class session_scribe final : public caf::io::scribe {
public:
  session_scribe(net::default_multiplexer& multiplexer, net::native_socket fd, std::unique_ptr<session> own)
    : scribe(net::conn_hdl_from_socket(fd)), stream_(multiplexer, fd, session_policy{std::move(own)}) {}

  void configure_read(caf::io::receive_policy::config config) override {
    stream_.configure_read(config);
    if (launched_)
      return;
    launched_ = true;
    stream_.start(this);
    // Begins what comes before the first byte, also when there is nothing to write.
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
  net::stream_impl<session_policy> stream_;
};

class session_doorman final : public net::doorman_impl {
public:
  session_doorman(net::default_multiplexer& multiplexer, net::native_socket fd,
                  std::shared_ptr<const session_maker> sessions)
    : doorman_impl(multiplexer, fd), sessions_(std::move(sessions)) {}

  bool new_connection() override {
    // The broker has gone, the socket is not yet out of the loop.
    if (detached())
      return false;
    auto& multiplexer = acceptor_.backend();
    const auto fd = acceptor_.accepted_socket();
    caf::detail::socket_guard guard{fd};
    net::nonblocking(fd, true);
    net::keepalive(fd, true);
    caf::io::scribe_ptr scribe;
    try {
      scribe = caf::make_counted<session_scribe>(multiplexer, fd, sessions_->accepted(fd, acceptor_.fd()));
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
  std::shared_ptr<const session_maker> sessions_;
};

class connector final : public caf::io::middleman_actor_impl {
public:
  connector(caf::actor_config& config, caf::actor broker, std::shared_ptr<const session_maker> sessions)
    : middleman_actor_impl(config, std::move(broker)), sessions_(std::move(sessions)) {}

  const char* name() const override { return "waybill.connector"; }

protected:
  caf::expected<caf::io::scribe_ptr> connect(const std::string& host, std::uint16_t port) override {
    auto fd = net::new_tcp_connection(host, port);
    if (!fd)
      return std::move(fd.error());
    caf::detail::socket_guard guard{*fd};
    net::nonblocking(*fd, true);
    net::keepalive(*fd, true);
    caf::io::scribe_ptr scribe = caf::make_counted<session_scribe>(multiplexer(), *fd, sessions_->connected(*fd));
    guard.release();
    return scribe;
  }

  caf::expected<caf::io::doorman_ptr> open(std::uint16_t port, const char* address, bool reuse) override {
    auto fd = net::new_tcp_acceptor_impl(port, address, reuse);
    if (!fd)
      return std::move(fd.error());
    return caf::io::doorman_ptr{caf::make_counted<session_doorman>(multiplexer(), *fd, sessions_)};
  }

private:
  net::default_multiplexer& multiplexer() {
    return dynamic_cast<net::default_multiplexer&>(system().middleman().backend());
  }

  std::shared_ptr<const session_maker> sessions_;
};

} // namespace

caf::io::middleman_actor spawn_connector(caf::actor_system& sys, std::shared_ptr<const session_maker> sessions) {
  auto broker = sys.middleman().named_broker<caf::io::basp_broker>("BASP");
  // Detached: looking names up and connecting block.
  return sys.spawn<connector, caf::detached + caf::hidden>(std::move(broker), std::move(sessions));
}

} // namespace waybill
