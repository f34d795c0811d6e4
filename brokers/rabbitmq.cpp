#include "brokers/rabbitmq.hpp"

#include "brokers/connecting.hpp"
#include "domain/base/errors.hpp"

#include <amqp.h>
#include <amqp_framing.h>
#include <amqp_ssl_socket.h>
#include <amqp_tcp_socket.h>
#include <openssl/ssl.h>

#include <sys/socket.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace waybill::brokers {

namespace {

constexpr amqp_channel_t the_channel = 1;
constexpr std::uint8_t persistent = 2;
/// What most brokers allow, and so the largest frame that needs no talk about it.
constexpr int frame_size = 131'072;

struct rabbit_closer {
  void operator()(amqp_connection_state_t connection) const {
    // Closes the socket without a farewell, which could block.
    static_cast<void>(::amqp_destroy_connection(connection));
  }
};
using rabbit_connection = std::unique_ptr<amqp_connection_state_t_, rabbit_closer>;

amqp_bytes_t octets_of(std::string_view text) {
  // The library reads it only.
  return {text.size(), const_cast<char*>(text.data())};
}

std::string text_of(amqp_bytes_t octets) {
  return {static_cast<const char*>(octets.bytes), octets.len};
}

timeval to_timeval(milliseconds time) {
  return {time.count() / 1'000, (time.count() % 1'000) * 1'000};
}

/// What the broker said in a method that closes a channel or a connection.
std::string text_of(const amqp_method_t& method) {
  if (method.id == AMQP_CHANNEL_CLOSE_METHOD)
    return text_of(static_cast<const amqp_channel_close_t*>(method.decoded)->reply_text);
  if (method.id == AMQP_CONNECTION_CLOSE_METHOD)
    return text_of(static_cast<const amqp_connection_close_t*>(method.decoded)->reply_text);
  return "an unexpected answer";
}

/// Which messages of a batch are confirmed. Confirms may come one by one or for all up to one, in any order.
class confirmations {
public:
  confirmations(std::uint64_t first, std::size_t count) : first_{first}, confirmed_(count, false), open_{count} {}

  void take(std::uint64_t tag, bool multiple) {
    if (tag < first_)
      return;
    const auto place = std::min<std::size_t>(tag - first_, confirmed_.size() - 1);
    for (auto i = multiple ? lowest_ : place; i <= place; ++i)
      if (!confirmed_[i]) {
        confirmed_[i] = true;
        --open_;
      }
    while (lowest_ < confirmed_.size() && confirmed_[lowest_])
      ++lowest_;
  }

  [[nodiscard]] bool are_complete() const { return open_ == 0; }

private:
  std::uint64_t first_;
  std::vector<bool> confirmed_;
  std::size_t open_;
  std::size_t lowest_ = 0;
};

class rabbitmq_publisher final : public publisher {
public:
  rabbitmq_publisher(target to, publisher_settings settings, stop_flag stop)
    : to_{std::move(to)}, settings_{std::move(settings)}, stop_{std::move(stop)} {}

  result<void> publish(std::span<const message> batch) override {
    if (batch.empty())
      return {};
    auto done = connect();
    if (done)
      done = send_and_wait(batch);
    if (!done)
      connection_.reset();
    return done;
  }

private:
  std::string name() const { return sink::to_string(to_.address.servers.front()); }

  failure broken(int status) const {
    return {ec::unavailable, "the connection to " + name() + " broke: " + ::amqp_error_string2(status)};
  }

  failure refused(const std::string& why) const { return {ec::unavailable, name() + " refuses: " + why}; }

  /// What came of a request that waits for its answer.
  result<void> judge(const amqp_rpc_reply_t& reply) const {
    if (reply.reply_type == AMQP_RESPONSE_NORMAL)
      return {};
    if (reply.reply_type == AMQP_RESPONSE_SERVER_EXCEPTION)
      return refused(text_of(reply.reply));
    return broken(reply.reply_type == AMQP_RESPONSE_NONE ? AMQP_STATUS_CONNECTION_CLOSED : reply.library_error);
  }

  // -- connecting -----------------------------------------------------------------------------------------------------

  result<void> open_plain(const deadline& until) {
    auto made = open_connection(to_.address.servers.front(), settings_, until);
    if (!made)
      return made.error();
    auto* socket = ::amqp_tcp_socket_new(connection_.get());
    if (socket == nullptr)
      return broken(AMQP_STATUS_NO_MEMORY);
    ::amqp_tcp_socket_set_sockfd(socket, made->release());
    return {};
  }

  /// The library resolves the name a second time, for the certificate's sake: where it has connected to is looked at
  /// before anything is sent that others should not know.
  result<void> open_secure(const deadline& until) {
    const auto& server = to_.address.servers.front();
    if (auto sound = check_addresses(server, settings_.targets); !sound)
      return sound;
    auto* socket = ::amqp_ssl_socket_new(connection_.get());
    if (socket == nullptr)
      return broken(AMQP_STATUS_NO_MEMORY);
    ::amqp_ssl_socket_set_verify_peer(socket, 1);
    ::amqp_ssl_socket_set_verify_hostname(socket, 1);
    static_cast<void>(::amqp_ssl_socket_set_ssl_versions(socket, AMQP_TLSv1_2, AMQP_TLSvLATEST));
    auto* context = static_cast<SSL_CTX*>(::amqp_ssl_socket_get_context(socket));
    const bool trusts = settings_.ca_file.empty()
                          ? ::SSL_CTX_set_default_verify_paths(context) == 1
                          : ::amqp_ssl_socket_set_cacert(socket, settings_.ca_file.c_str()) == AMQP_STATUS_OK;
    if (!trusts)
      return failure{ec::unavailable, "the authorities of certificates cannot be read"};
    const auto limit = to_timeval(until.left());
    if (const auto opened = ::amqp_socket_open_noblock(socket, server.host.c_str(), server.port, &limit);
        opened != AMQP_STATUS_OK)
      return broken(opened);
    sockaddr_storage peer{};
    socklen_t size = sizeof peer;
    auto* address = reinterpret_cast<sockaddr*>(&peer);
    if (::getpeername(::amqp_socket_get_sockfd(socket), address, &size) != 0 || !is_allowed(address, settings_.targets))
      return failure{ec::unavailable, server.host + " has an address that is not of the public internet"};
    return {};
  }

  result<void> connect() {
    if (connection_)
      return {};
    if (auto sound = check_target(to_.address, settings_.targets); !sound)
      return sound;
    const deadline until{settings_.connect_timeout, stop_};
    connection_.reset(::amqp_new_connection());
    if (!connection_)
      return failure{ec::unavailable, "no memory for a connection"};
    if (auto opened = to_.address.secure ? open_secure(until) : open_plain(until); !opened)
      return opened;
    auto* connection = connection_.get();
    const auto limit = to_timeval(std::max(until.left(), milliseconds{1}));
    static_cast<void>(::amqp_set_handshake_timeout(connection, &limit));
    static_cast<void>(::amqp_set_rpc_timeout(connection, &limit));
    // Without heartbeats: the library sends them only while it is called. The kernel looks whether the peer is there.
    const auto user = to_.user.empty() ? std::string{"guest"} : to_.user;
    const auto password = to_.user.empty() && to_.password.empty() ? std::string{"guest"} : to_.password;
    if (auto done = judge(::amqp_login(connection, to_.address.path.c_str(), 0, frame_size, 0, AMQP_SASL_METHOD_PLAIN,
                                       user.c_str(), password.c_str()));
        !done)
      return failure{ec::unavailable, "signing in at " + name() + ": " + done.error().detail};
    ::amqp_channel_open(connection, the_channel);
    if (auto done = judge(::amqp_get_rpc_reply(connection)); !done)
      return done;
    ::amqp_exchange_declare(connection, the_channel, octets_of(to_.destination), octets_of("topic"), 0, 1, 0, 0,
                            amqp_empty_table);
    if (auto done = judge(::amqp_get_rpc_reply(connection)); !done)
      return done;
    ::amqp_confirm_select(connection, the_channel);
    next_tag_ = 1;
    return judge(::amqp_get_rpc_reply(connection));
  }

  // -- publishing -----------------------------------------------------------------------------------------------------

  result<void> send_and_wait(std::span<const message> batch) {
    const deadline until{settings_.confirm_timeout, stop_};
    const auto first = next_tag_;
    for (const auto& each : batch) {
      // A broker that is full reads nothing: then the call below would not return.
      if (!wait_writable(::amqp_get_sockfd(connection_.get()), until))
        return until.reason(name() + " takes nothing");
      if (const auto sent = send(each); sent != AMQP_STATUS_OK)
        return broken(sent);
      ++next_tag_;
    }
    confirmations confirmed{first, batch.size()};
    while (!confirmed.are_complete()) {
      if (until.is_over())
        return until.reason(name() + " has not confirmed all messages");
      if (auto taken = take_frame(confirmed, until); !taken)
        return taken;
    }
    ::amqp_maybe_release_buffers(connection_.get());
    return {};
  }

  int send(const message& each) {
    amqp_basic_properties_t properties{};
    properties._flags = AMQP_BASIC_CONTENT_TYPE_FLAG | AMQP_BASIC_DELIVERY_MODE_FLAG | AMQP_BASIC_MESSAGE_ID_FLAG
                        | AMQP_BASIC_TYPE_FLAG | AMQP_BASIC_TIMESTAMP_FLAG | AMQP_BASIC_APP_ID_FLAG;
    properties.content_type = octets_of(content_type);
    properties.delivery_mode = persistent;
    properties.message_id = octets_of(each.id);
    properties.type = octets_of(each.type);
    properties.timestamp =
      static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::seconds>(each.at.time_since_epoch()).count());
    properties.app_id = octets_of("waybill");
    return ::amqp_basic_publish(connection_.get(), the_channel, octets_of(to_.destination), octets_of(each.type), 0, 0,
                                &properties, octets_of(each.body));
  }

  result<void> take_frame(confirmations& confirmed, const deadline& until) {
    amqp_frame_t frame{};
    const auto limit = to_timeval(until.slice());
    const auto status = ::amqp_simple_wait_frame_noblock(connection_.get(), &frame, &limit);
    if (status == AMQP_STATUS_TIMEOUT)
      return {};
    if (status != AMQP_STATUS_OK)
      return broken(status);
    if (frame.frame_type != AMQP_FRAME_METHOD)
      return {};
    const auto& method = frame.payload.method;
    switch (method.id) {
      case AMQP_BASIC_ACK_METHOD: {
        const auto* ack = static_cast<const amqp_basic_ack_t*>(method.decoded);
        confirmed.take(ack->delivery_tag, ack->multiple != 0);
        return {};
      }
      case AMQP_BASIC_NACK_METHOD: return refused("a message could not be stored");
      case AMQP_CHANNEL_CLOSE_METHOD:
      case AMQP_CONNECTION_CLOSE_METHOD: return refused(text_of(method));
      default: return {};
    }
  }

  target to_;
  publisher_settings settings_;
  stop_flag stop_;
  rabbit_connection connection_;
  /// Of the next message of this channel: they are counted from 1.
  std::uint64_t next_tag_ = 1;
};

} // namespace

std::unique_ptr<publisher> make_rabbitmq_publisher(target to, const publisher_settings& settings, stop_flag stop) {
  return std::make_unique<rabbitmq_publisher>(std::move(to), settings, std::move(stop));
}

} // namespace waybill::brokers
