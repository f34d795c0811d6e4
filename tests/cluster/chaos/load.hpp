#pragma once

#include "outbound/api_client.hpp"
#include "tests/cluster/chaos/accounts.hpp"
#include "tests/cluster/chaos/history.hpp"
#include "tests/cluster/chaos/requests.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

#include <atomic>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace waybill::chaos {

struct load_settings {
  std::vector<std::string> gateways;
  /// The ids, in the order of stock_of_products().
  std::vector<std::string> products;
  /// A persistent request is given up this long after its time.
  milliseconds patience{120'000};
  /// More than a gateway takes for a request.
  milliseconds answer_within{13'000};
};

/// Sends the requests of a plan at their times, from a thread of its own, and writes down every answer.
class load {
public:
  /// `accepted` holds, by order of the plan, the id that a 201 gave it; it is read and written. Everything must outlive
  /// this object, and `exchanges` and `accepted` be left alone until finished() is true or the destructor has returned.
  load(const request_plan& plan, load_settings settings, const accounts& people,
       std::vector<std::optional<std::string>>& accepted, std::vector<exchange>& exchanges);
  /// Gives up the requests under way.
  ~load();
  load(const load&) = delete;
  load& operator=(const load&) = delete;

  /// Everything was sent and answered or given up.
  [[nodiscard]] bool finished() const noexcept { return finished_; }
  /// By now.
  [[nodiscard]] std::size_t accepted() const noexcept { return accepted_count_; }

private:
  using deadline = std::chrono::steady_clock::time_point;

  boost::asio::awaitable<void> dispatch();
  boost::asio::awaitable<void> carry_out(planned_request request);
  boost::asio::awaitable<void> place(planned_request request, deadline give_up);
  boost::asio::awaitable<void> about_accepted(planned_request request, deadline give_up);
  boost::asio::awaitable<unsigned> send(const planned_request& request, std::size_t gateway,
                                        outbound::api_request message);
  boost::asio::awaitable<void> pause(milliseconds how_long);
  boost::asio::awaitable<bool> await_acceptance(std::size_t order, deadline give_up);
  void spawn(planned_request request);
  [[nodiscard]] outbound::api_request message_of(const planned_request& request) const;
  void note_accepted(const planned_request& request, const exchange& seen);

  const request_plan& plan_;
  load_settings settings_;
  const accounts& people_;
  std::vector<std::optional<std::string>>& accepted_;
  std::vector<exchange>& exchanges_;
  boost::asio::io_context context_{1};
  std::vector<outbound::api_client> clients_;
  deadline start_ = std::chrono::steady_clock::now();
  std::size_t under_way_ = 0;
  bool all_sent_ = false;
  std::atomic<bool> finished_ = false;
  std::atomic<std::size_t> accepted_count_ = 0;
  std::jthread thread_;
};

} // namespace waybill::chaos
