#pragma once

#include "tests/support/http_shop.hpp"

#include <atomic>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace waybill::test {

/// Customers who place orders, look at them and cancel some, one after the other, until they are told to stop; nothing
/// is ever repeated, so that each request that fails is seen.
class steady_load {
public:
  /// `wishes` must outlive this object and be left alone until stop(); when all are used the load ends by itself.
  steady_load(std::string url, std::vector<wish>& wishes, std::size_t customers = 8);
  ~steady_load();
  steady_load(const steady_load&) = delete;
  steady_load& operator=(const steady_load&) = delete;

  [[nodiscard]] std::size_t accepted() const noexcept { return accepted_; }
  /// Waits until `more` orders were accepted from now on; false when the load ends or nothing moves before.
  [[nodiscard]] bool await(std::size_t more) const;
  void stop();

  /// After stop(): what was asked and what came back, for each answer that a customer should not get.
  [[nodiscard]] std::vector<std::string> failures() const;

private:
  boost::asio::awaitable<void> customer(outbound::api_client& client);
  boost::asio::awaitable<void> serve(outbound::api_client& client, wish& wanted);
  void check_answer(const outbound::http_result& answer, const std::string& request,
                    std::initializer_list<unsigned> allowed);

  std::string url_;
  std::vector<wish>& wishes_;
  std::size_t customers_;
  std::atomic<std::size_t> next_ = 0;
  std::atomic<std::size_t> accepted_ = 0;
  std::atomic<bool> stopping_ = false;
  mutable std::mutex mutex_;
  std::vector<std::string> failures_;
  std::jthread thread_;
};

} // namespace waybill::test
