#pragma once

#include "outbound/tool_client.hpp"
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

/// One run under way: what it has made, what it has seen. The coroutines throw std::runtime_error with a sentence when
/// the server does not do as it should. Lives in a shared_ptr and on one strand.
class session : public std::enable_shared_from_this<session> {
public:
  using clock = std::chrono::steady_clock;

  session(boost::asio::any_io_executor executor, const story& tale, const run_options& options);

  boost::asio::awaitable<void> create(const product_spec& what);
  boost::asio::awaitable<void> place(const place_step& what);
  boost::asio::awaitable<void> wait(const wait_step& what);
  boost::asio::awaitable<void> wait_event(const wait_event_step& what);
  boost::asio::awaitable<void> cancel(const cancel_step& what);
  // In crowd.cpp.
  boost::asio::awaitable<void> gather(const crowd_step& what);
  boost::asio::awaitable<void> wait_all(const wait_all_step& what);
  // In chaos.cpp.
  boost::asio::awaitable<void> stage(const chaos_step& what);
  boost::asio::awaitable<void> wait_chaos(const wait_chaos_step& what);
  boost::asio::awaitable<void> await_readyz(const readyz_step& what);
  boost::asio::awaitable<void> be_refused(const refuse_step& what);
  /// Reads all orders, products and events of the run anew.
  boost::asio::awaitable<void> look_around();
  boost::asio::awaitable<void> withdraw_products();
  boost::asio::awaitable<void> pause(milliseconds time);

  void note(std::string event, std::string detail);
  [[nodiscard]] const facts& seen() const noexcept { return seen_; }
  /// No request was ever answered.
  [[nodiscard]] bool unreachable() const noexcept { return !answered_; }
  /// Fills in the orders, the steps in the order in which they happened, and the time.
  void write(report& out) const;

private:
  using events = std::vector<seen_event>;

  boost::asio::awaitable<outbound::response> ask(outbound::request what);
  boost::asio::awaitable<boost::json::value> get(std::string target);
  /// The same again under its idempotency key while the server says 503, as a patient client does.
  boost::asio::awaitable<outbound::response> ask_patiently(outbound::request what);
  boost::asio::awaitable<void> buy(const crowd_step& what, std::uint32_t number, std::string& id);
  boost::asio::awaitable<void> await_turn(clock::time_point turn, bool while_chaos);
  boost::asio::awaitable<void> in_chaos(const std::string& crowd, std::size_t count,
                                        std::function<boost::asio::awaitable<void>(std::size_t)> each);
  boost::asio::awaitable<void> buy_in_chaos(const crowd_step& what, std::uint32_t number, std::string& id);
  /// Follows the fault that was staged last until it is over, and tells what happens.
  boost::asio::awaitable<void> follow_chaos(clock::time_point until);
  /// Nothing: another gateway answered than the one that stages the fault.
  boost::asio::awaitable<std::optional<boost::json::value>> look_at_chaos();
  void take_chaos(const boost::json::value& state);
  std::string key_of(const std::string& name) const { return "scenario-" + suffix_ + "-" + name; }
  /// Calls `each(i)` for all `i` below `count`, at most so many at a time as the client has connections.
  boost::asio::awaitable<void> for_all(std::size_t count,
                                       std::function<boost::asio::awaitable<void>(std::size_t)> each);
  outbound::request order_request(const order_spec& what) const;
  boost::asio::awaitable<void> send_copies(const outbound::request& what, std::uint32_t times, bool patient,
                                           std::vector<outbound::response>& answers);
  boost::asio::awaitable<events> read_events(std::string target, std::string stream);
  boost::asio::awaitable<events> stream_events(const std::string& order, stream_kind of);
  void take_answers(const place_step& what, const std::vector<outbound::response>& answers);
  const std::string& order_id(const std::string& name) const;
  std::int64_t elapsed_ms() const;

  boost::asio::any_io_executor executor_;
  run_options options_;
  int number_;
  outbound::client client_;
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
  /// The story breaks things: what cannot be answered for a while is asked for again.
  bool patient_;
  bool chaos_over_ = false;
  /// The node that stages the fault; empty: the server does not say.
  std::string chaos_at_;
  /// Of the steps of the fault under way.
  std::size_t chaos_steps_told_ = 0;
};

} // namespace waybill::scenarios
