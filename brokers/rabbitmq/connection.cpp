#include "brokers/rabbitmq/connection.hpp"

#include "brokers/publisher.hpp"
#include "domain/base/errors.hpp"

#include <amqp_ssl_socket.h>
#include <amqp_tcp_socket.h>
#include <openssl/ssl.h>

#include <fcntl.h>
#include <sys/socket.h>

#include <algorithm>
#include <utility>

namespace waybill::brokers::rabbitmq {

namespace {

/// What most brokers allow, and so the largest frame that needs no talk about it.
constexpr int frame_size = 131'072;

timeval to_timeval(milliseconds time) {
  return {time.count() / 1'000, (time.count() % 1'000) * 1'000};
}

} // namespace

amqp_bytes_t octets_of(std::string_view text) {
  return {text.size(), const_cast<char*>(text.data())};
}

std::string text_of(amqp_bytes_t octets) {
  return {static_cast<const char*>(octets.bytes), octets.len};
}

std::string text_of(const amqp_method_t& method) {
  if (method.id == AMQP_CHANNEL_CLOSE_METHOD)
    return text_of(static_cast<const amqp_channel_close_t*>(method.decoded)->reply_text);
  if (method.id == AMQP_CONNECTION_CLOSE_METHOD)
    return text_of(static_cast<const amqp_connection_close_t*>(method.decoded)->reply_text);
  return "an unexpected answer";
}

connection::connection(sink::address to, std::string user, std::string password, connection_settings settings,
                       stop_flag stop)
  : to_{std::move(to)}, user_{std::move(user)}, password_{std::move(password)}, settings_{std::move(settings)},
    stop_{std::move(stop)} {}

failure connection::broken(int status) const {
  return {ec::unavailable, "the connection to " + name() + " broke: " + ::amqp_error_string2(status)};
}

failure connection::refused(const std::string& why) const {
  return {ec::unavailable, name() + " refuses: " + why};
}

result<void> connection::judge(const amqp_rpc_reply_t& reply) const {
  if (reply.reply_type == AMQP_RESPONSE_NORMAL)
    return {};
  if (reply.reply_type == AMQP_RESPONSE_SERVER_EXCEPTION)
    return refused(text_of(reply.reply));
  return broken(reply.reply_type == AMQP_RESPONSE_NONE ? AMQP_STATUS_CONNECTION_CLOSED : reply.library_error);
}

result<void> connection::judge() const {
  return judge(::amqp_get_rpc_reply(state_.get()));
}

// -- connecting -------------------------------------------------------------------------------------------------------

result<void> connection::open_plain(const deadline& until) {
  auto made = open_connection(to_.servers.front(), settings_, until);
  if (!made)
    return made.error();
  // The library waits by poll(): a read that blocks would keep to none of its limits.
  if (const auto flags = ::fcntl(made->get(), F_GETFL);
      flags < 0 || ::fcntl(made->get(), F_SETFL, flags | O_NONBLOCK) < 0)
    return broken(AMQP_STATUS_SOCKET_ERROR);
  auto* socket = ::amqp_tcp_socket_new(state_.get());
  if (socket == nullptr)
    return broken(AMQP_STATUS_NO_MEMORY);
  ::amqp_tcp_socket_set_sockfd(socket, made->release());
  return {};
}

/// The library resolves the name a second time, for the certificate's sake: where it has connected to is looked at
/// before anything is sent that others should not know.
result<void> connection::open_secure(const deadline& until) {
  const auto& server = to_.servers.front();
  if (auto sound = check_addresses(server, settings_.targets); !sound)
    return sound;
  auto* socket = ::amqp_ssl_socket_new(state_.get());
  if (socket == nullptr)
    return broken(AMQP_STATUS_NO_MEMORY);
  // OpenSSL looks at the host name, too: the library knows no addresses in certificates, and does not say what is
  // wrong.
  ::amqp_ssl_socket_set_verify_peer(socket, 1);
  ::amqp_ssl_socket_set_verify_hostname(socket, 0);
  auto* context = static_cast<SSL_CTX*>(::amqp_ssl_socket_get_context(socket));
  if (auto demanded = check_.demand(context, server.host, settings_.ca_file); !demanded)
    return demanded;
  const auto limit = to_timeval(until.left());
  if (const auto opened = ::amqp_socket_open_noblock(socket, server.host.c_str(), server.port, &limit);
      opened != AMQP_STATUS_OK) {
    if (auto refused = check_.refusal(name()))
      return std::move(*refused);
    auto why = broken(opened);
    if (opened == AMQP_STATUS_SSL_CONNECTION_FAILED)
      why.detail += ": " + take_tls_error();
    return why;
  }
  sockaddr_storage peer{};
  socklen_t size = sizeof peer;
  auto* address = reinterpret_cast<sockaddr*>(&peer);
  if (::getpeername(::amqp_socket_get_sockfd(socket), address, &size) != 0 || !is_allowed(address, settings_.targets))
    return failure{ec::unavailable, server.host + " has an address that is not of the public internet"};
  return {};
}

result<void> connection::open() {
  if (auto sound = check_target(to_, settings_.targets); !sound)
    return sound;
  const deadline until{settings_.connect_timeout, stop_};
  state_.reset(::amqp_new_connection());
  if (!state_)
    return failure{ec::unavailable, "no memory for a connection"};
  if (auto opened = to_.secure ? open_secure(until) : open_plain(until); !opened)
    return opened;
  const auto limit = to_timeval(std::max(until.left(), milliseconds{1}));
  static_cast<void>(::amqp_set_handshake_timeout(raw(), &limit));
  static_cast<void>(::amqp_set_rpc_timeout(raw(), &limit));
  // Without heartbeats: the library sends them only while it is called. The kernel looks whether the peer is there.
  const auto user = user_.empty() ? std::string{"guest"} : user_;
  const auto password = user_.empty() && password_.empty() ? std::string{"guest"} : password_;
  // Told when a queue that is consumed from goes away (https://www.rabbitmq.com/docs/consumer-cancel).
  amqp_table_entry_t capability{octets_of("consumer_cancel_notify"), {AMQP_FIELD_KIND_BOOLEAN, {}}};
  capability.value.value.boolean = 1;
  amqp_table_entry_t capabilities{octets_of("capabilities"), {AMQP_FIELD_KIND_TABLE, {}}};
  capabilities.value.value.table = {1, &capability};
  const amqp_table_t properties{1, &capabilities};
  if (auto done = judge(::amqp_login_with_properties(raw(), to_.path.c_str(), 0, frame_size, 0, &properties,
                                                     AMQP_SASL_METHOD_PLAIN, user.c_str(), password.c_str()));
      !done)
    return failure{ec::unavailable, "signing in at " + name() + ": " + done.error().detail};
  ::amqp_channel_open(raw(), the_channel);
  return judge();
}

// -- frames -----------------------------------------------------------------------------------------------------------

result<void> connection::publish(const std::string& exchange, const std::string& routing_key, bool mandatory,
                                 const amqp_basic_properties_t& properties, std::string_view body,
                                 const deadline& until) {
  if (!wait_writable(::amqp_get_sockfd(raw()), until))
    return until.reason(name() + " takes nothing");
  const auto sent = ::amqp_basic_publish(raw(), the_channel, octets_of(exchange), octets_of(routing_key),
                                         mandatory ? 1 : 0, 0, &properties, octets_of(body));
  if (sent != AMQP_STATUS_OK)
    return broken(sent);
  return {};
}

result<std::optional<amqp_frame_t>> connection::next_frame(milliseconds moment) {
  amqp_frame_t frame{};
  const auto limit = to_timeval(moment);
  const auto status = ::amqp_simple_wait_frame_noblock(raw(), &frame, &limit);
  if (status == AMQP_STATUS_TIMEOUT)
    return std::optional<amqp_frame_t>{};
  if (status != AMQP_STATUS_OK)
    return broken(status);
  if (frame.frame_type == AMQP_FRAME_METHOD
      && (frame.payload.method.id == AMQP_CHANNEL_CLOSE_METHOD
          || frame.payload.method.id == AMQP_CONNECTION_CLOSE_METHOD))
    return refused(text_of(frame.payload.method));
  return std::optional{frame};
}

} // namespace waybill::brokers::rabbitmq
