#pragma once

#include "tests/cluster/chaos/accounts.hpp"
#include "tests/cluster/chaos/history.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>
#include <unordered_set>
#include <vector>

namespace waybill::chaos {

struct follower_settings {
  std::vector<std::string> gateways;
  std::size_t count = 3;
  std::uint64_t seed = 1;
};

/// Subscribers of the whole log over WebSocket, from its beginning. Each continues with its cursor at a gateway that
/// the seed picks when its connection breaks, and sometimes without a reason; from the beginning when it is told that
/// its position belongs to another log. On a thread of its own.
class followers {
public:
  /// `followed` gets a list for each; it must outlive this object and be left alone until stop().
  followers(follower_settings settings, const accounts& people, std::vector<std::vector<seen_event>>& followed);
  ~followers();
  followers(const followers&) = delete;
  followers& operator=(const followers&) = delete;

  /// The number of different events of the present log that the slowest follower has seen.
  [[nodiscard]] std::size_t slowest() const;
  /// How often every follower began again at least, because its position was of another log.
  [[nodiscard]] std::uint32_t begun_again() const;
  /// The position of one of the followers.
  [[nodiscard]] std::string position() const;
  [[nodiscard]] std::size_t connections() const noexcept { return connections_; }
  void stop();

private:
  struct follower;

  boost::asio::awaitable<void> follow(follower& follower);
  boost::asio::awaitable<void> connect_and_read(follower& follower, const std::string& url);
  /// False when it has to connect again.
  bool take(follower& follower, std::string_view frame);

  follower_settings settings_;
  const accounts& people_;
  std::vector<std::vector<seen_event>>& followed_;
  boost::asio::io_context context_{1};
  std::vector<std::unique_ptr<follower>> all_;
  std::atomic<std::size_t> connections_ = 0;
  mutable std::mutex mutex_;
  std::jthread thread_;
};

} // namespace waybill::chaos
