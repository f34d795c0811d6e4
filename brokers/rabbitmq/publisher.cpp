#include "brokers/rabbitmq/publisher.hpp"

#include "brokers/rabbitmq/confirmations.hpp"
#include "brokers/rabbitmq/connection.hpp"
#include "domain/base/errors.hpp"

#include <chrono>
#include <string>
#include <utility>

namespace waybill::brokers {

namespace {

using namespace rabbitmq;

class rabbitmq_publisher final : public publisher {
public:
  rabbitmq_publisher(target to, const connection_settings& settings, stop_flag stop)
    : destination_{std::move(to.destination)}, connection_{std::move(to.address), std::move(to.user),
                                                           std::move(to.password), settings, std::move(stop)} {}

  result<void> publish(std::span<const message> batch) override {
    if (batch.empty())
      return {};
    auto done = connect();
    if (done)
      done = send_and_wait(batch);
    if (!done)
      connection_.close();
    return done;
  }

private:
  result<void> connect() {
    if (connection_.is_open())
      return {};
    if (auto opened = connection_.open(); !opened)
      return opened;
    ::amqp_exchange_declare(connection_.raw(), the_channel, octets_of(destination_), octets_of("topic"), 0, 1, 0, 0,
                            amqp_empty_table);
    if (auto done = connection_.judge(); !done)
      return done;
    ::amqp_confirm_select(connection_.raw(), the_channel);
    next_tag_ = 1;
    return connection_.judge();
  }

  result<void> send_and_wait(std::span<const message> batch) {
    const auto until = connection_.patience();
    const auto first = next_tag_;
    for (const auto& each : batch) {
      if (auto sent = send(each, until); !sent)
        return sent;
      ++next_tag_;
    }
    confirmations confirmed{first, batch.size()};
    while (!confirmed.are_complete()) {
      if (until.is_over())
        return until.reason(connection_.name() + " has not confirmed all messages");
      if (auto taken = take_frame(confirmed, until); !taken)
        return taken;
    }
    ::amqp_maybe_release_buffers(connection_.raw());
    return {};
  }

  result<void> send(const message& each, const deadline& until) {
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
    return connection_.publish(destination_, each.type, false, properties, each.body, until);
  }

  result<void> take_frame(confirmations& confirmed, const deadline& until) {
    const auto frame = connection_.next_frame(until.slice());
    if (!frame)
      return frame.error();
    if (!*frame || (*frame)->frame_type != AMQP_FRAME_METHOD)
      return {};
    const auto& method = (*frame)->payload.method;
    if (method.id == AMQP_BASIC_NACK_METHOD)
      return connection_.refused("a message could not be stored");
    if (method.id == AMQP_BASIC_ACK_METHOD) {
      const auto* ack = static_cast<const amqp_basic_ack_t*>(method.decoded);
      confirmed.take(ack->delivery_tag, ack->multiple != 0);
    }
    return {};
  }

  std::string destination_;
  connection connection_;
  /// Of the next message of this channel: they are counted from 1.
  std::uint64_t next_tag_ = 1;
};

} // namespace

std::unique_ptr<publisher> make_rabbitmq_publisher(target to, const connection_settings& settings, stop_flag stop) {
  return std::make_unique<rabbitmq_publisher>(std::move(to), settings, std::move(stop));
}

} // namespace waybill::brokers
