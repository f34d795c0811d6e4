#include "brokers/redis.hpp"

#include "brokers/connecting.hpp"
#include "domain/base/errors.hpp"

#include <hiredis/hiredis.h>

#include <array>
#include <optional>
#include <string>
#include <utility>

namespace waybill::brokers {

namespace {

using redis_context = std::unique_ptr<redisContext, decltype(&::redisFree)>;
using redis_reply = std::unique_ptr<redisReply, decltype(&::freeReplyObject)>;

redis_reply own(void* reply) {
  return {static_cast<redisReply*>(reply), [](void* each) { ::freeReplyObject(each); }};
}

std::string_view text_of(const redisReply& reply) {
  return reply.str == nullptr ? std::string_view{} : std::string_view{reply.str, reply.len};
}

class redis_publisher final : public publisher {
public:
  redis_publisher(target to, publisher_settings settings, stop_flag stop)
    : to_{std::move(to)}, settings_{std::move(settings)}, stop_{std::move(stop)} {}

  result<void> publish(std::span<const message> batch) override {
    if (batch.empty())
      return {};
    auto done = connect();
    if (done)
      done = add(batch);
    if (!done)
      context_.reset();
    return done;
  }

private:
  failure broken(std::string_view what) const {
    return {ec::unavailable, "the connection to " + name() + " broke " + std::string{what} + ": " + context_->errstr};
  }

  std::string name() const { return sink::to_string(to_.address.servers.front()); }

  result<void> connect() {
    if (context_)
      return {};
    const deadline until{settings_.connect_timeout, stop_};
    if (auto sound = check_target(to_.address, settings_.targets); !sound)
      return sound;
    auto socket = open_connection(to_.address.servers.front(), settings_, until);
    if (!socket)
      return socket.error();
    context_.reset(::redisConnectFd(socket->get()));
    if (!context_)
      return failure{ec::unavailable, "no memory for a connection"};
    socket->release();
    if (context_->err != 0)
      return broken("at its beginning");
    std::size_t asked = 0;
    if (!to_.password.empty()) {
      if (to_.user.empty())
        send({"AUTH", to_.password});
      else
        send({"AUTH", to_.user, to_.password});
      ++asked;
    }
    send({"SELECT", to_.address.path});
    for (++asked; asked > 0; --asked)
      if (auto said = receive(until); !said)
        return said.error();
    return {};
  }

  void send(std::initializer_list<std::string_view> words) {
    std::array<const char*, 12> texts{};
    std::array<std::size_t, 12> sizes{};
    std::size_t count = 0;
    for (const auto word : words) {
      texts[count] = word.data();
      sizes[count++] = word.size();
    }
    // Without memory the context has an error, which the next read returns.
    static_cast<void>(::redisAppendCommandArgv(context_.get(), static_cast<int>(count), texts.data(), sizes.data()));
  }

  /// What is to be sent is sent first. An error that Redis answers with is a failure.
  result<redis_reply> receive(const deadline& until) {
    for (int done = 0; done == 0;) {
      if (!wait_writable(context_->fd, until))
        return until.reason(name() + " takes nothing");
      if (::redisBufferWrite(context_.get(), &done) != REDIS_OK)
        return broken("while sending");
    }
    void* reply = nullptr;
    while (reply == nullptr) {
      if (::redisGetReplyFromReader(context_.get(), &reply) != REDIS_OK)
        return broken("while reading");
      if (reply != nullptr)
        break;
      if (!wait_readable(context_->fd, until))
        return until.reason(name() + " has not answered");
      if (::redisBufferRead(context_.get()) != REDIS_OK)
        return broken("while reading");
    }
    auto said = own(reply);
    if (said->type == REDIS_REPLY_ERROR)
      return failure{ec::unavailable, name() + " refuses: " + std::string{text_of(*said)}};
    return said;
  }

  /// One transaction, so that no event is left out before one that is there: Redis runs all of it or nothing.
  result<void> add(std::span<const message> batch) {
    const deadline until{settings_.confirm_timeout, stop_};
    send({"MULTI"});
    for (const auto& each : batch)
      send({"XADD", to_.destination, "*", "id", each.id, "type", each.type, "key", each.key, "event", each.body});
    send({"EXEC"});
    std::optional<failure> refused;
    // MULTI, and what is queued: after a refusal EXEC runs nothing.
    for (std::size_t i = 0; i <= batch.size(); ++i)
      if (auto said = receive(until); !said) {
        if (context_->err != 0 || until.is_over())
          return said.error();
        if (!refused)
          refused = said.error();
      }
    const auto ran = receive(until);
    if (refused)
      return std::move(*refused);
    if (!ran)
      return ran.error();
    const auto& all = **ran;
    if (all.type != REDIS_REPLY_ARRAY || all.elements != batch.size())
      return failure{ec::unavailable, name() + " has not run the transaction"};
    for (std::size_t i = 0; i < all.elements; ++i)
      if (all.element[i]->type == REDIS_REPLY_ERROR)
        return failure{ec::unavailable, name() + " refuses: " + std::string{text_of(*all.element[i])}};
    return {};
  }

  target to_;
  publisher_settings settings_;
  stop_flag stop_;
  redis_context context_{nullptr, &::redisFree};
};

} // namespace

std::unique_ptr<publisher> make_redis_publisher(target to, const publisher_settings& settings, stop_flag stop) {
  return std::make_unique<redis_publisher>(std::move(to), settings, std::move(stop));
}

} // namespace waybill::brokers
