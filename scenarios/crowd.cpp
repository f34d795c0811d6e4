#include "scenarios/api_answers.hpp"
#include "scenarios/story_player.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <charconv>

namespace asio = boost::asio;
namespace json = boost::json;

// The steps of a story in which many buyers act at once.
namespace waybill::scenarios {

namespace {

milliseconds pause_before_retry(const outbound::http_response& answer) {
  constexpr int usual = 1;
  int seconds = usual;
  const auto header = answer.header("Retry-After");
  std::from_chars(header.data(), header.data() + header.size(), seconds);
  return std::chrono::seconds{std::max(seconds, usual)};
}

} // namespace

asio::awaitable<outbound::http_response> story_player::ask_until_available(outbound::api_request request) {
  for (;;) {
    auto answer = co_await ask(request);
    if (answer.status != service_unavailable)
      co_return answer;
    // `ask` gives up when the run's time is over.
    co_await pause(pause_before_retry(answer));
  }
}

asio::awaitable<void> story_player::for_all(std::size_t count, std::function<asio::awaitable<void>(std::size_t)> each) {
  struct shared_state {
    std::function<asio::awaitable<void>(std::size_t)> each;
    std::size_t next = 0;
    std::size_t workers = 0;
    std::exception_ptr trouble;
  };
  const auto state = std::make_shared<shared_state>();
  state->each = std::move(each);
  state->workers = std::min(count, outbound::api_client_options{}.max_connections);
  // Its cancellation is the signal that the last worker has ended.
  const auto all_done = std::make_shared<asio::steady_timer>(executor_, asio::steady_timer::time_point::max());
  const auto work = [](std::shared_ptr<story_player> self, std::shared_ptr<shared_state> shared,
                       std::size_t all) -> asio::awaitable<void> {
    while (shared->next < all && !shared->trouble)
      co_await shared->each(shared->next++);
    (void)self;
  };
  for (std::size_t i = state->workers; i > 0; --i)
    asio::co_spawn(executor_, work(shared_from_this(), state, count), [state, all_done](std::exception_ptr trouble) {
      if (trouble)
        state->trouble = trouble;
      if (--state->workers == 0)
        all_done->cancel();
    });
  boost::system::error_code ignored;
  if (state->workers > 0)
    co_await all_done->async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  if (state->trouble)
    std::rethrow_exception(state->trouble);
}

asio::awaitable<void> story_player::buy(const crowd_step& step, std::uint32_t number, std::string& id) {
  auto request = order_request(step.order);
  request.headers.emplace_back("Idempotency-Key", key_of(step.as + "-" + std::to_string(number)));
  const auto answer = co_await ask_until_available(std::move(request));
  if (answer.status != 201)
    give_up_on("POST /v1/orders", answer);
  id = text_of(parse(answer, "POST /v1/orders"), "id");
  if (id.empty())
    give_up("POST /v1/orders answered without an id");
  if (!step.cancel_apart)
    co_return;
  co_await pause(number * *step.cancel_apart);
  outbound::api_request cancellation;
  cancellation.method = "POST";
  cancellation.target = "/v1/orders/" + id + "/cancel";
  cancellation.body = json::serialize(json::object{{"reason", "changed my mind"}});
  const auto reply = co_await ask_until_available(std::move(cancellation));
  // Too late is an answer too.
  constexpr unsigned conflict = 409;
  if (reply.status != 200 && reply.status != 202 && reply.status != conflict)
    give_up_on("POST /v1/orders/{id}/cancel", reply);
}

/// Waits in short pieces, because the buyers stop when the fault is over.
asio::awaitable<void> story_player::await_turn(clock::time_point turn, bool while_chaos) {
  constexpr milliseconds piece{100};
  for (auto now = clock::now(); now < turn && !(while_chaos && chaos_over_); now = clock::now())
    co_await pause(std::min(piece, std::chrono::ceil<milliseconds>(turn - now)));
}

asio::awaitable<void> story_player::play(const crowd_step& step) {
  if (orders_.empty() && crowds_.empty())
    first_order_at_ms_ = elapsed_ms();
  auto& ids = crowds_[step.as];
  ids.resize(step.buyers);
  const auto start = clock::now();
  const std::function<asio::awaitable<void>(std::size_t)> buyer = [&](std::size_t i) -> asio::awaitable<void> {
    const auto number = static_cast<std::uint32_t>(i);
    co_await await_turn(start + number * step.apart, step.while_chaos);
    if (step.while_chaos)
      co_await buy_in_chaos(step, number, ids[i]);
    else
      co_await buy(step, number, ids[i]);
  };
  if (step.while_chaos)
    co_await in_chaos(step.as, step.buyers, buyer);
  else
    co_await for_all(step.buyers, buyer);
  std::erase(ids, std::string{});
  order_ids_.insert(order_ids_.end(), ids.begin(), ids.end());
  note("POST /v1/orders", std::to_string(ids.size()) + " times 201");
  if (step.cancel_apart)
    note("POST /v1/orders/{id}/cancel", std::to_string(step.buyers) + " times");
}

asio::awaitable<void> story_player::play(const wait_all_step& step) {
  const auto& ids = crowds_.at(step.crowd);
  auto& orders = seen_.crowds[step.crowd];
  orders.assign(ids.size(), nullptr);
  const auto is_final = [&](const json::value& order) {
    return std::find(step.until.begin(), step.until.end(), text_of(order, "status")) != step.until.end();
  };
  const auto until = clock::now() + step.within;
  for (;;) {
    std::vector<std::size_t> left;
    for (std::size_t i = 0; i < ids.size(); ++i)
      if (!is_final(orders[i]))
        left.push_back(i);
    if (left.empty())
      break;
    if (clock::now() >= until)
      give_up(std::to_string(left.size()) + " of " + std::to_string(ids.size()) + " orders, such as " + ids[left[0]]
              + ", are not final after " + std::to_string(step.within.count()) + " ms");
    const std::function<asio::awaitable<void>(std::size_t)> read_order = [&](std::size_t i) -> asio::awaitable<void> {
      orders[left[i]] = co_await get("/v1/orders/" + ids[left[i]]);
    };
    co_await for_all(left.size(), read_order);
    co_await pause(options_.poll_interval);
  }
  note("GET /v1/orders/{id}", "all " + std::to_string(ids.size()) + " orders are final");
}

} // namespace waybill::scenarios
