#pragma once

#include "bench/histogram.hpp"
#include "outbound/api_client.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace waybill::bench {

struct load_options {
  outbound::api_server server;
  /// Order bodies, taken in turn.
  std::vector<std::string> bodies;
  unsigned concurrency = 64;
  /// A client sends its next order only after finished() was called for its last one.
  bool until_delivered = false;
  std::chrono::milliseconds timeout{30'000};
};

/// What happened between begin_measuring() and stop(); times in microseconds.
struct load_result {
  std::uint64_t accepted = 0;
  std::uint64_t delivered = 0;
  histogram post;
  histogram delivery;
  /// By status, or by `connect`, `broken`, `timeout`, `not_http`.
  std::map<std::string, std::uint64_t> errors;
};

/// A closed loop: each client sends an order over its own connection, waits for the answer, and sends the next. Does
/// not use outbound's HTTP client: it shares the machine with the server, and its own work would be measured too.
/// Requests are bytes that are prepared once; of a response only the status, the length and the id are read. Runs on
/// the io_context's one thread and must outlive its handlers.
class load {
public:
  load(boost::asio::io_context& context, load_options options);
  ~load();
  load(const load&) = delete;
  load& operator=(const load&) = delete;

  void start();
  void begin_measuring() noexcept { measuring_ = true; }
  /// Sends no new requests; those under way end.
  void stop();
  /// Closes the connections that stop() left open.
  void close();

  [[nodiscard]] bool idle() const noexcept { return active_ == 0; }
  [[nodiscard]] const load_result& result() const noexcept { return result_; }
  /// All orders that were answered with 201, those before and after the measurement too.
  [[nodiscard]] std::uint64_t accepted_in_all() const noexcept { return accepted_in_all_; }

  /// The order was delivered. May be called for orders of others too, and before the answer to the POST has come.
  void finished(std::string_view order);

private:
  class client;
  friend class client;

  void watch();
  void count_error(const std::string& kind);
  bool already_finished(const std::string& order);

  boost::asio::io_context& context_;
  load_options options_;
  boost::asio::steady_timer watch_;
  std::vector<std::string> requests_;
  std::vector<std::unique_ptr<client>> clients_;
  std::unordered_map<std::string, client*> waiting_;
  // Orders that were finished before the answer to their POST was read; the oldest are dropped.
  std::unordered_set<std::string> early_;
  std::deque<std::string> early_order_;
  std::size_t next_request_ = 0;
  std::size_t active_ = 0;
  bool measuring_ = false;
  bool stopping_ = false;
  std::uint64_t accepted_in_all_ = 0;
  load_result result_;
};

} // namespace waybill::bench
