#include "brokers/redis/connection.hpp"

#include "brokers/publisher.hpp"
#include "domain/base/errors.hpp"

#include <utility>

namespace waybill::brokers::redis {

namespace {

reply own(void* answer) {
  return {static_cast<redisReply*>(answer), [](void* each) { ::freeReplyObject(each); }};
}

} // namespace

std::string_view text_of(const redisReply& of) {
  return of.str == nullptr ? std::string_view{} : std::string_view{of.str, of.len};
}

connection::connection(sink::address to, std::string user, std::string password, connection_settings settings,
                       stop_flag stop)
  : to_{std::move(to)}, user_{std::move(user)}, password_{std::move(password)}, settings_{std::move(settings)},
    stop_{std::move(stop)} {}

failure connection::broken(std::string_view when) const {
  return {ec::unavailable, "the connection to " + name() + " broke " + std::string{when} + ": " + context_->errstr};
}

failure connection::refused(std::string_view why) const {
  return {ec::unavailable, name() + " refuses: " + std::string{why}};
}

result<void> connection::open() {
  const deadline until{settings_.connect_timeout, stop_};
  if (auto sound = check_target(to_, settings_.targets); !sound)
    return sound;
  auto socket = open_connection(to_.servers.front(), settings_, until);
  if (!socket)
    return socket.error();
  context_.reset(::redisConnectFd(socket->get()));
  if (!context_)
    return failure{ec::unavailable, "no memory for a connection"};
  socket->release();
  if (context_->err != 0)
    return broken("at its beginning");
  std::size_t asked = 0;
  if (!password_.empty()) {
    if (user_.empty())
      send({"AUTH", password_});
    else
      send({"AUTH", user_, password_});
    ++asked;
  }
  send({"SELECT", to_.path});
  for (++asked; asked > 0; --asked)
    if (auto said = receive(until); !said)
      return said.error();
  return {};
}

void connection::send(const std::vector<std::string_view>& words) {
  std::vector<const char*> texts;
  std::vector<std::size_t> sizes;
  for (const auto word : words) {
    texts.push_back(word.data());
    sizes.push_back(word.size());
  }
  // Without memory the context has an error, which the next read returns.
  static_cast<void>(
    ::redisAppendCommandArgv(context_.get(), static_cast<int>(words.size()), texts.data(), sizes.data()));
}

result<reply> connection::receive(const deadline& until) {
  for (int done = 0; done == 0;) {
    if (!wait_writable(context_->fd, until))
      return until.reason(name() + " takes nothing");
    if (::redisBufferWrite(context_.get(), &done) != REDIS_OK)
      return broken("while sending");
  }
  void* answer = nullptr;
  while (answer == nullptr) {
    if (::redisGetReplyFromReader(context_.get(), &answer) != REDIS_OK)
      return broken("while reading");
    if (answer != nullptr)
      break;
    if (!wait_readable(context_->fd, until))
      return until.reason(name() + " has not answered");
    if (::redisBufferRead(context_.get()) != REDIS_OK)
      return broken("while reading");
  }
  auto said = own(answer);
  if (said->type == REDIS_REPLY_ERROR)
    return refused(text_of(*said));
  return said;
}

result<reply> connection::receive_transaction(std::size_t count, const deadline& until) {
  std::optional<failure> refusal;
  // MULTI, and what is queued: after a refusal EXEC runs nothing.
  for (std::size_t i = 0; i <= count; ++i)
    if (auto said = receive(until); !said) {
      if (lost(until))
        return said.error();
      if (!refusal)
        refusal = said.error();
    }
  auto ran = receive(until);
  if (refusal)
    return std::move(*refusal);
  if (!ran)
    return ran;
  const auto& all = **ran;
  if (all.type != REDIS_REPLY_ARRAY || all.elements != count)
    return failure{ec::unavailable, name() + " has not run the transaction"};
  for (std::size_t i = 0; i < all.elements; ++i)
    if (all.element[i]->type == REDIS_REPLY_ERROR)
      return refused(text_of(*all.element[i]));
  return ran;
}

} // namespace waybill::brokers::redis
