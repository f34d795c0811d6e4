#pragma once

#include "brokers/redis/stream.hpp"

#include <hiredis/hiredis.h>

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What the publisher and the consumer have in common. Included in this room only.
namespace waybill::brokers::redis {

using reply = std::unique_ptr<redisReply, decltype(&::freeReplyObject)>;

std::string_view text_of(const redisReply& of);

/// A connection that is signed in, at its database. Every function that blocks ends in time, or when it is stopped.
/// After a failure of which lost() says so, the connection must be closed.
class connection {
public:
  connection(sink::address to, std::string user, std::string password, connection_settings settings, stop_flag stop);

  [[nodiscard]] bool is_open() const noexcept { return stream_.is_open(); }
  /// Connects, signs in and chooses the database.
  result<void> open();
  void close();
  /// What is sent and received may not fit together any more.
  [[nodiscard]] bool lost(const deadline& until) const { return is_broken_ || until.is_over(); }

  /// Until what is sent now must be answered.
  [[nodiscard]] deadline patience() const { return {settings_.confirm_timeout, stop_}; }
  [[nodiscard]] std::string name() const { return sink::to_string(to_.servers.front()); }
  [[nodiscard]] failure refused(std::string_view why) const;

  /// A command, which is sent with the next receive().
  void send(const std::vector<std::string_view>& words);
  /// The next answer. An error that Redis answers with is a failure, after which the connection goes on.
  result<reply> receive(const deadline& until);
  /// The commands that were sent between MULTI and EXEC, `count` of them: the answers of all, or none was run.
  result<reply> receive_transaction(std::size_t count, const deadline& until);

private:
  /// Of a failure after which there is nothing more to be read.
  failure broken(failure why);
  result<void> sign_in(const deadline& until);

  sink::address to_;
  std::string user_;
  std::string password_;
  connection_settings settings_;
  stop_flag stop_;
  stream stream_;
  std::unique_ptr<redisReader, decltype(&::redisReaderFree)> reader_{nullptr, &::redisReaderFree};
  std::string outgoing_;
  bool is_broken_ = false;
};

} // namespace waybill::brokers::redis
