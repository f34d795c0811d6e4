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

failure connection::broken(failure why) {
  is_broken_ = true;
  return why;
}

failure connection::refused(std::string_view why) const {
  return {ec::unavailable, name() + " refuses: " + std::string{why}};
}

result<void> connection::open() {
  const deadline until{settings_.connect_timeout, stop_};
  if (auto sound = check_target(to_, settings_.targets); !sound)
    return sound;
  close();
  reader_.reset(::redisReaderCreate());
  if (!reader_)
    return failure{ec::unavailable, "no memory for a connection"};
  auto opened = stream_.open(to_, settings_, until);
  return opened ? sign_in(until) : opened;
}

void connection::close() {
  stream_.close();
  reader_.reset();
  outgoing_.clear();
  is_broken_ = false;
}

result<void> connection::sign_in(const deadline& until) {
  std::size_t asked = 1;
  if (!password_.empty()) {
    if (user_.empty())
      send({"AUTH", password_});
    else
      send({"AUTH", user_, password_});
    ++asked;
  }
  send({"SELECT", to_.path});
  for (; asked > 0; --asked)
    if (auto said = receive(until); !said) {
      // A server that does not know AUTH repeats its arguments.
      if (!password_.empty() && said.error().detail.find(password_) != std::string::npos)
        return refused("signing in");
      return said.error();
    }
  return {};
}

/// RESP: an array of bulk strings.
void connection::send(const std::vector<std::string_view>& words) {
  constexpr std::string_view end = "\r\n";
  outgoing_.append("*").append(std::to_string(words.size())).append(end);
  for (const auto word : words)
    outgoing_.append("$").append(std::to_string(word.size())).append(end).append(word).append(end);
}

result<reply> connection::receive(const deadline& until) {
  const auto written = stream_.write(outgoing_, until);
  outgoing_.clear();
  if (!written)
    return broken(written.error());
  void* answer = nullptr;
  for (;;) {
    if (::redisReaderGetReply(reader_.get(), &answer) != REDIS_OK)
      return broken({ec::unavailable, name() + " answers with what is no answer: " + reader_->errstr});
    if (answer != nullptr)
      break;
    const auto came = stream_.read(until);
    if (!came)
      return broken(came.error());
    if (::redisReaderFeed(reader_.get(), came->data(), came->size()) != REDIS_OK)
      return broken({ec::unavailable, name() + " answers too much: " + reader_->errstr});
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
