#pragma once

#include "outbound/api_client.hpp"
#include "scenarios/expectations.hpp"
#include "scenarios/runner.hpp"
#include "scenarios/story/story.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace waybill::scenarios {

/// Plays one story: does its steps over HTTP and keeps what the server answered. The coroutines throw
/// std::runtime_error with a sentence when the server does not behave as the story says. Lives in a shared_ptr and on
/// one strand.
class story_player : public std::enable_shared_from_this<story_player> {
public:
  using clock = std::chrono::steady_clock;

  story_player(boost::asio::any_io_executor executor, const story& tale, const run_options& options);

  boost::asio::awaitable<void> create(const product_spec& product);

  // One for each kind of step; those of crowds are in crowd.cpp, those that break something in chaos.cpp.
  boost::asio::awaitable<void> play(const place_step& step);
  boost::asio::awaitable<void> play(const wait_step& step);
  boost::asio::awaitable<void> play(const wait_event_step& step);
  boost::asio::awaitable<void> play(const cancel_step& step);
  boost::asio::awaitable<void> play(const crowd_step& step);
  boost::asio::awaitable<void> play(const wait_all_step& step);
  boost::asio::awaitable<void> play(const chaos_step& step);
  boost::asio::awaitable<void> play(const wait_chaos_step& step);
  boost::asio::awaitable<void> play(const readyz_step& step);
  boost::asio::awaitable<void> play(const refuse_step& step);

  /// Reads all orders, products and events of the story again.
  boost::asio::awaitable<void> read_results();
  boost::asio::awaitable<void> withdraw_products();
  boost::asio::awaitable<void> pause(milliseconds time);

  void note(std::string event, std::string detail);
  [[nodiscard]] const facts& seen() const noexcept { return seen_; }
  /// No request was ever answered.
  [[nodiscard]] bool unreachable() const noexcept { return !answered_; }
  /// Fills in the orders, the steps in the order in which they happened, and the time.
  void write(story_report& out) const;

private:
  using events = std::vector<seen_event>;

  boost::asio::awaitable<outbound::http_response> ask(outbound::api_request request);
  boost::asio::awaitable<boost::json::value> get(std::string target);
  /// Sends the request again under its idempotency key while the server answers 503.
  boost::asio::awaitable<outbound::http_response> ask_until_available(outbound::api_request request);
  boost::asio::awaitable<void> buy(const crowd_step& step, std::uint32_t number, std::string& id);
  boost::asio::awaitable<void> await_turn(clock::time_point turn, bool while_chaos);
  boost::asio::awaitable<void> in_chaos(const std::string& crowd, std::size_t count,
                                        std::function<boost::asio::awaitable<void>(std::size_t)> each);
  boost::asio::awaitable<void> buy_in_chaos(const crowd_step& step, std::uint32_t number, std::string& id);
  /// Follows the last fault until it is over, and notes its steps.
  boost::asio::awaitable<void> follow_chaos(clock::time_point until);
  /// Nothing when another gateway answers than the one that causes the fault.
  boost::asio::awaitable<std::optional<boost::json::value>> read_chaos();
  void note_chaos(const boost::json::value& state);
  std::string key_of(const std::string& name) const { return "scenario-" + suffix_ + "-" + name; }
  /// Calls `each(i)` for all `i` below `count`, at most so many at a time as the client has connections.
  boost::asio::awaitable<void> for_all(std::size_t count,
                                       std::function<boost::asio::awaitable<void>(std::size_t)> each);
  outbound::api_request order_request(const order_spec& order) const;
  boost::asio::awaitable<void> send_copies(const outbound::api_request& request, std::uint32_t times, bool patient,
                                           std::vector<outbound::http_response>& answers);
  boost::asio::awaitable<events> read_events(std::string target, std::string stream);
  boost::asio::awaitable<events> stream_events(const std::string& order, stream_kind of);
  void keep_answers(const place_step& step, const std::vector<outbound::http_response>& answers);
  const std::string& order_id(const std::string& name) const;
  std::int64_t elapsed_ms() const;

  boost::asio::any_io_executor executor_;
  run_options options_;
  int number_;
  outbound::api_client client_;
  clock::time_point started_;
  clock::time_point deadline_;
  std::string suffix_;
  std::map<std::string, std::string, std::less<>> products_;
  std::map<std::string, std::string, std::less<>> orders_;
  std::map<std::string, std::vector<std::string>, std::less<>> crowds_;
  std::vector<std::string> order_ids_;
  std::vector<report_step> notes_;
  std::int64_t first_order_at_ms_ = 0;
  facts seen_;
  bool answered_ = false;
  std::uint64_t requests_ = 0;
  /// The story breaks things: a request that is answered with 503 is sent again.
  bool repeats_unavailable_;
  bool chaos_over_ = false;
  /// The node that causes the fault; empty: the server does not say.
  std::string chaos_node_;
  /// How many steps of the current fault have been noted.
  std::size_t chaos_steps_noted_ = 0;
};

} // namespace waybill::scenarios
