#pragma once

#include "brokers/connecting.hpp"
#include "brokers/tls.hpp"

#include <amqp.h>
#include <amqp_framing.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

/// What the publisher and the consumer have in common. Included in this room only.
namespace waybill::brokers::rabbitmq {

inline constexpr amqp_channel_t the_channel = 1;
inline constexpr std::uint8_t persistent = 2;

/// The library reads it only.
amqp_bytes_t octets_of(std::string_view text);
std::string text_of(amqp_bytes_t octets);
/// What the broker said in a method that closes a channel or a connection.
std::string text_of(const amqp_method_t& method);

/// A connection with one channel. Every function that blocks ends in time, or when it is stopped; after any failure the
/// connection must be closed.
class connection {
public:
  connection(sink::address to, std::string user, std::string password, connection_settings settings, stop_flag stop);

  [[nodiscard]] bool is_open() const noexcept { return state_ != nullptr; }
  /// Connects, signs in and opens the channel.
  result<void> open();
  /// Without a farewell, which could block.
  void close() { state_.reset(); }

  [[nodiscard]] amqp_connection_state_t raw() const noexcept { return state_.get(); }
  /// Until what the broker is asked for now must be answered.
  [[nodiscard]] deadline patience() const { return {settings_.confirm_timeout, stop_}; }
  [[nodiscard]] std::string name() const { return sink::to_string(to_.servers.front()); }

  [[nodiscard]] failure broken(int status) const;
  [[nodiscard]] failure refused(const std::string& why) const;
  /// What came of the request before, which waits for its answer.
  [[nodiscard]] result<void> judge() const;
  [[nodiscard]] result<void> judge(const amqp_rpc_reply_t& reply) const;

  /// Publishes one message when the broker reads. A broker that is full reads nothing: then the call would not return.
  result<void> publish(const std::string& exchange, const std::string& routing_key, bool mandatory,
                       const amqp_basic_properties_t& properties, std::string_view body, const deadline& until);
  /// The next frame, valid until the next call; nothing when none came within a moment.
  result<std::optional<amqp_frame_t>> next_frame(milliseconds moment);

private:
  struct closer {
    void operator()(amqp_connection_state_t state) const { static_cast<void>(::amqp_destroy_connection(state)); }
  };

  result<void> open_plain(const deadline& until);
  result<void> open_secure(const deadline& until);

  sink::address to_;
  std::string user_;
  std::string password_;
  connection_settings settings_;
  stop_flag stop_;
  certificate_check check_;
  std::unique_ptr<amqp_connection_state_t_, closer> state_;
};

} // namespace waybill::brokers::rabbitmq
