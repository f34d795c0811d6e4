#include "scenarios/runner.hpp"

#include "scenarios/expectations.hpp"
#include "scenarios/story_player.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <exception>

namespace asio = boost::asio;

namespace waybill::scenarios {

namespace {

asio::awaitable<void> play_steps(story_player& player, const story& tale) {
  for (const auto& product : tale.products)
    co_await player.create(product);
  for (const auto& next : tale.steps)
    co_await std::visit([&](const auto& step) { return player.play(step); }, next);
}

bool all_hold(const std::vector<checked>& list) {
  return std::all_of(list.begin(), list.end(), [](const checked& x) { return x.ok; });
}

std::vector<checked> evaluate_all(const story& tale, const facts& seen) {
  std::vector<checked> out;
  for (const auto& expectation : tale.expectations)
    out.push_back(evaluate(expectation, seen));
  return out;
}

// The log may show an event a moment after the order shows its effect: reads again before an event counts as missing.
asio::awaitable<std::vector<checked>> check_expectations(story_player& player, const story& tale,
                                                         const run_options& options) {
  const auto until = story_player::clock::now() + options.log_lag;
  for (;;) {
    co_await player.read_results();
    auto out = evaluate_all(tale, player.seen());
    if (all_hold(out) || story_player::clock::now() >= until)
      co_return out;
    co_await player.pause(options.poll_interval * 2);
  }
}

// The reason why it failed; empty when it did not.
asio::awaitable<std::string> attempt(story_player& player, asio::awaitable<void> action) {
  std::string reason;
  try {
    co_await std::move(action);
  } catch (const std::exception& e) {
    reason = e.what();
  }
  if (!reason.empty())
    player.note("error", reason);
  co_return reason;
}

asio::awaitable<story_report> play(const story& tale, run_options options) {
  auto player = std::make_shared<story_player>(co_await asio::this_coro::executor, tale, options);
  const auto problem = co_await attempt(*player, play_steps(*player, tale));
  story_report out;
  out.scenario = tale.number;
  out.name = tale.name;
  out.unreachable = player->unreachable();
  out.expectations.push_back(
    {"the story runs to its end" + (problem.empty() ? "" : " (" + problem + ")"), problem.empty()});
  if (!out.unreachable) {
    // After a problem there is nothing to wait for, but the results help to understand it.
    auto waiting = options;
    if (!problem.empty())
      waiting.log_lag = milliseconds{0};
    std::vector<checked> expectations;
    const auto check = [](story_player& p, const story& t, const run_options& o,
                          std::vector<checked>& into) -> asio::awaitable<void> {
      into = co_await check_expectations(p, t, o);
    };
    const auto unread = co_await attempt(*player, check(*player, tale, waiting, expectations));
    if (!unread.empty())
      expectations = evaluate_all(tale, player->seen());
    out.expectations.insert(out.expectations.end(), expectations.begin(), expectations.end());
    co_await attempt(*player, player->withdraw_products());
  }
  player->write(out);
  co_return out;
}

} // namespace

asio::awaitable<story_report> run_story(const story& tale, run_options options) {
  const asio::any_io_executor executor = co_await asio::this_coro::executor;
  const auto strand = asio::make_strand(executor);
  co_return co_await asio::co_spawn(strand, play(tale, std::move(options)), asio::use_awaitable);
}

} // namespace waybill::scenarios
