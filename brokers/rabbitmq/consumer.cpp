#include "brokers/rabbitmq/consumer.hpp"

#include "brokers/rabbitmq/confirmations.hpp"
#include "brokers/rabbitmq/connection.hpp"
#include "domain/base/errors.hpp"
#include "domain/base/number.hpp"

#include <algorithm>
#include <array>
#include <deque>
#include <iterator>
#include <utility>

namespace waybill::brokers {

namespace {

using namespace rabbitmq;

/// For questions whose answer may be that the channel is closed.
constexpr amqp_channel_t side_channel = 2;

class rabbitmq_consumer final : public consumer {
public:
  rabbitmq_consumer(queue_address from, const consumer_settings& settings, stop_flag stop)
    : queue_{from.name}, dead_letters_{dead_letters_of(from)}, in_flight_{settings.in_flight}, stop_{stop},
      connection_{std::move(from.server), std::move(from.user), std::move(from.password), settings.connections,
                  std::move(stop)} {}

  result<void> connect() override { return connection_.is_open() ? result<void>{} : close_on_failure(open()); }

  result<std::vector<received>> receive(milliseconds patience) override {
    if (auto connected = connect(); !connected)
      return connected.error();
    if (auto taken = close_on_failure(collect(deadline{patience, stop_})); !taken)
      return taken.error();
    ::amqp_maybe_release_buffers(connection_.raw());
    const auto count = static_cast<std::ptrdiff_t>(std::min(ready_.size(), in_flight_));
    std::vector<received> batch{std::make_move_iterator(ready_.begin()),
                                std::make_move_iterator(ready_.begin() + count)};
    ready_.erase(ready_.begin(), ready_.begin() + count);
    return batch;
  }

  result<void> settle(std::span<const settlement> batch) override {
    if (!connection_.is_open())
      return failure{ec::unavailable, "the connection over which the messages came is closed"};
    return close_on_failure(settle_all(batch));
  }

  result<std::optional<std::uint64_t>> count_waiting() override {
    if (auto connected = connect(); !connected)
      return connected.error();
    const auto* told =
      ::amqp_queue_declare(connection_.raw(), the_channel, octets_of(queue_), 1, 0, 0, 0, amqp_empty_table);
    const std::uint64_t count = told == nullptr ? 0 : told->message_count;
    if (auto answered = close_on_failure(connection_.judge()); !answered)
      return answered.error();
    return count;
  }

private:
  // -- connecting -----------------------------------------------------------------------------------------------------

  result<void> close_on_failure(result<void> done) {
    if (!done)
      connection_.close();
    return done;
  }

  result<void> open() {
    ready_.clear();
    is_incomplete_ = false;
    awaited_.reset();
    next_tag_ = 1;
    if (auto opened = connection_.open(); !opened)
      return opened;
    for (const auto* name : {&queue_, &dead_letters_})
      if (auto there = ensure_queue(*name); !there)
        return there;
    auto* const raw = connection_.raw();
    ::amqp_confirm_select(raw, the_channel);
    if (auto done = connection_.judge(); !done)
      return done;
    ::amqp_basic_qos(raw, the_channel, 0, static_cast<std::uint16_t>(in_flight_), 0);
    if (auto done = connection_.judge(); !done)
      return done;
    ::amqp_basic_consume(raw, the_channel, octets_of(queue_), amqp_empty_bytes, 0, 0, 0, amqp_empty_table);
    return connection_.judge();
  }

  /// A queue that is there stays as its owner has made it, whatever its arguments are.
  result<void> ensure_queue(const std::string& name) {
    auto* const raw = connection_.raw();
    ::amqp_channel_open(raw, side_channel);
    if (auto done = connection_.judge(); !done)
      return done;
    ::amqp_queue_declare(raw, side_channel, octets_of(name), 1, 0, 0, 0, amqp_empty_table);
    const auto answer = ::amqp_get_rpc_reply(raw);
    if (answer.reply_type == AMQP_RESPONSE_NORMAL)
      return connection_.judge(::amqp_channel_close(raw, side_channel, AMQP_REPLY_SUCCESS));
    if (answer.reply_type != AMQP_RESPONSE_SERVER_EXCEPTION || answer.reply.id != AMQP_CHANNEL_CLOSE_METHOD
        || static_cast<const amqp_channel_close_t*>(answer.reply.decoded)->reply_code != AMQP_NOT_FOUND)
      return connection_.judge(answer);
    amqp_channel_close_ok_t agreed{};
    if (const auto sent = ::amqp_send_method(raw, side_channel, AMQP_CHANNEL_CLOSE_OK_METHOD, &agreed);
        sent != AMQP_STATUS_OK)
      return connection_.broken(sent);
    ::amqp_queue_declare(raw, the_channel, octets_of(name), 0, 1, 0, 0, amqp_empty_table);
    return connection_.judge();
  }

  // -- receiving ------------------------------------------------------------------------------------------------------

  /// What is there already, or what comes first.
  result<void> collect(const deadline& until) {
    while (ready_.size() < in_flight_ && (!ready_.empty() || !until.is_over())) {
      const auto frame = connection_.next_frame(ready_.empty() ? until.slice() : milliseconds{0});
      if (!frame)
        return frame.error();
      if (!*frame && !ready_.empty())
        break;
      if (*frame)
        if (auto taken = take(**frame); !taken)
          return taken;
    }
    return {};
  }

  result<void> take(const amqp_frame_t& frame) {
    if (frame.frame_type == AMQP_FRAME_METHOD)
      return take_method(frame.payload.method);
    if (!is_incomplete_)
      return {};
    if (frame.frame_type == AMQP_FRAME_HEADER) {
      left_ = frame.payload.properties.body_size;
      take_properties(*static_cast<const amqp_basic_properties_t*>(frame.payload.properties.decoded));
    } else if (frame.frame_type == AMQP_FRAME_BODY) {
      const auto part = text_of(frame.payload.body_fragment);
      left_ -= std::min<std::uint64_t>(part.size(), left_);
      incoming_.body += part;
    }
    if (left_ == 0) {
      ready_.push_back(std::exchange(incoming_, {}));
      is_incomplete_ = false;
    }
    return {};
  }

  result<void> take_method(const amqp_method_t& method) {
    switch (method.id) {
      case AMQP_BASIC_DELIVER_METHOD:
        incoming_ = {};
        incoming_.handle = std::to_string(static_cast<const amqp_basic_deliver_t*>(method.decoded)->delivery_tag);
        is_incomplete_ = true;
        return {};
      case AMQP_BASIC_ACK_METHOD:
        if (const auto* ack = static_cast<const amqp_basic_ack_t*>(method.decoded); awaited_)
          awaited_->take(ack->delivery_tag, ack->multiple != 0);
        return {};
      case AMQP_BASIC_NACK_METHOD: return connection_.refused("a dead letter could not be stored");
      case AMQP_BASIC_RETURN_METHOD: return connection_.refused("there is no queue for dead letters any more");
      case AMQP_BASIC_CANCEL_METHOD: return connection_.refused("the queue " + queue_ + " is there no more");
      default: return {};
    }
  }

  void take_properties(const amqp_basic_properties_t& properties) {
    if ((properties._flags & AMQP_BASIC_MESSAGE_ID_FLAG) != 0)
      incoming_.id = text_of(properties.message_id);
    if ((properties._flags & AMQP_BASIC_CONTENT_TYPE_FLAG) != 0)
      incoming_.content_type = text_of(properties.content_type);
    if (incoming_.id.empty())
      incoming_.fault = "the message has no message_id, which must be there: a message that comes twice is told by it";
  }

  // -- settling -------------------------------------------------------------------------------------------------------

  result<void> settle_all(std::span<const settlement> batch) {
    const auto until = connection_.patience();
    const auto first = next_tag_;
    for (const auto& each : batch)
      if (each.rejected)
        if (auto sent = bury(*each.message, *each.rejected, until); !sent)
          return sent;
    if (next_tag_ != first)
      if (auto confirmed = await_confirmations(first, until); !confirmed)
        return confirmed;
    for (const auto& each : batch) {
      const auto tag = parse_number<std::uint64_t>(each.message->handle);
      if (!wait_writable(::amqp_get_sockfd(connection_.raw()), until))
        return until.reason(connection_.name() + " takes nothing");
      if (const auto sent = ::amqp_basic_ack(connection_.raw(), the_channel, tag.value_or(0), 0);
          sent != AMQP_STATUS_OK)
        return connection_.broken(sent);
    }
    return {};
  }

  result<void> bury(const received& message, const rejection& why, const deadline& until) {
    std::array<amqp_table_entry_t, 3> headers{};
    const auto set = [&headers](std::size_t place, std::string_view name) -> amqp_field_value_t& {
      headers.at(place).key = octets_of(name);
      return headers.at(place).value;
    };
    const auto set_text = [&set](std::size_t place, std::string_view name, std::string_view text) {
      auto& value = set(place, name);
      value.kind = AMQP_FIELD_KIND_UTF8;
      value.value.bytes = octets_of(text);
    };
    set_text(0, "x-waybill-problem", why.problem);
    set_text(1, "x-waybill-code", why.code);
    auto& status = set(2, "x-waybill-status");
    status.kind = AMQP_FIELD_KIND_I32;
    status.value.i32 = static_cast<std::int32_t>(why.status);
    amqp_basic_properties_t properties{};
    properties._flags = AMQP_BASIC_DELIVERY_MODE_FLAG | AMQP_BASIC_HEADERS_FLAG;
    properties.delivery_mode = persistent;
    properties.headers = {static_cast<int>(headers.size()), headers.data()};
    if (!message.id.empty()) {
      properties._flags |= AMQP_BASIC_MESSAGE_ID_FLAG;
      properties.message_id = octets_of(message.id);
    }
    if (!message.content_type.empty()) {
      properties._flags |= AMQP_BASIC_CONTENT_TYPE_FLAG;
      properties.content_type = octets_of(message.content_type);
    }
    ++next_tag_;
    // By the default exchange; one that no queue takes comes back.
    return connection_.publish({}, dead_letters_, true, properties, message.body, until);
  }

  /// Messages may come meanwhile.
  result<void> await_confirmations(std::uint64_t first, const deadline& until) {
    awaited_.emplace(first, next_tag_ - first);
    while (!awaited_->are_complete()) {
      if (until.is_over())
        return until.reason(connection_.name() + " has not confirmed all dead letters");
      const auto frame = connection_.next_frame(until.slice());
      if (!frame)
        return frame.error();
      if (*frame)
        if (auto taken = take(**frame); !taken)
          return taken;
    }
    awaited_.reset();
    return {};
  }

  std::string queue_;
  std::string dead_letters_;
  std::size_t in_flight_;
  stop_flag stop_;
  connection connection_;
  /// Complete, and not given out.
  std::deque<received> ready_;
  /// What comes now.
  received incoming_;
  bool is_incomplete_ = false;
  std::uint64_t left_ = 0;
  std::optional<confirmations> awaited_;
  /// Of the next dead letter of this channel: they are counted from 1.
  std::uint64_t next_tag_ = 1;
};

} // namespace

std::unique_ptr<consumer> make_rabbitmq_consumer(queue_address from, const consumer_settings& settings,
                                                 stop_flag stop) {
  return std::make_unique<rabbitmq_consumer>(std::move(from), settings, std::move(stop));
}

} // namespace waybill::brokers
