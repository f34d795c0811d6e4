#include "scenarios/runner.hpp"

#include "scenarios/expectations.hpp"
#include "scenarios/session.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <exception>

namespace asio = boost::asio;

namespace waybill::scenarios {

namespace {

asio::awaitable<void> play(session& run, const place_step& what) {
  return run.place(what);
}
asio::awaitable<void> play(session& run, const wait_step& what) {
  return run.wait(what);
}
asio::awaitable<void> play(session& run, const wait_event_step& what) {
  return run.wait_event(what);
}
asio::awaitable<void> play(session& run, const cancel_step& what) {
  return run.cancel(what);
}
asio::awaitable<void> play(session& run, const crowd_step& what) {
  return run.gather(what);
}
asio::awaitable<void> play(session& run, const wait_all_step& what) {
  return run.wait_all(what);
}
asio::awaitable<void> play(session& run, const chaos_step& what) {
  return run.stage(what);
}
asio::awaitable<void> play(session& run, const wait_chaos_step& what) {
  return run.wait_chaos(what);
}
asio::awaitable<void> play(session& run, const readyz_step& what) {
  return run.await_readyz(what);
}
asio::awaitable<void> play(session& run, const refuse_step& what) {
  return run.be_refused(what);
}

asio::awaitable<void> play_steps(session& run, const story& tale) {
  for (const auto& product : tale.products)
    co_await run.create(product);
  for (const auto& next : tale.steps)
    co_await std::visit([&](const auto& what) { return play(run, what); }, next);
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

// The log may show an event a moment after the order shows its effect: look again before saying that one is missing.
asio::awaitable<std::vector<checked>> check_expectations(session& run, const story& tale, const run_options& options) {
  const auto until = session::clock::now() + options.log_lag;
  for (;;) {
    co_await run.look_around();
    auto out = evaluate_all(tale, run.seen());
    if (all_hold(out) || session::clock::now() >= until)
      co_return out;
    co_await run.pause(options.poll_interval * 2);
  }
}

// The reason why it could not be done, or nothing.
asio::awaitable<std::string> attempt(session& run, asio::awaitable<void> what) {
  std::string reason;
  try {
    co_await std::move(what);
  } catch (const std::exception& e) {
    reason = e.what();
  }
  if (!reason.empty())
    run.note("error", reason);
  co_return reason;
}

asio::awaitable<report> play(const story& tale, run_options options) {
  auto run = std::make_shared<session>(co_await asio::this_coro::executor, tale, options);
  const auto trouble = co_await attempt(*run, play_steps(*run, tale));
  report out;
  out.scenario = tale.number;
  out.name = tale.name;
  out.unreachable = run->unreachable();
  out.expectations.push_back(
    {"the story runs to its end" + (trouble.empty() ? "" : " (" + trouble + ")"), trouble.empty()});
  if (!out.unreachable) {
    // After trouble there is nothing to wait for, but what can be seen helps to understand it.
    auto patience = options;
    if (!trouble.empty())
      patience.log_lag = milliseconds{0};
    std::vector<checked> found;
    const auto check = [](session& s, const story& t, const run_options& o,
                          std::vector<checked>& into) -> asio::awaitable<void> {
      into = co_await check_expectations(s, t, o);
    };
    const auto blind = co_await attempt(*run, check(*run, tale, patience, found));
    if (!blind.empty())
      found = evaluate_all(tale, run->seen());
    out.expectations.insert(out.expectations.end(), found.begin(), found.end());
    co_await attempt(*run, run->withdraw_products());
  }
  run->write(out);
  co_return out;
}

} // namespace

asio::awaitable<report> run_story(const story& tale, run_options options) {
  const asio::any_io_executor executor = co_await asio::this_coro::executor;
  const auto strand = asio::make_strand(executor);
  co_return co_await asio::co_spawn(strand, play(tale, std::move(options)), asio::use_awaitable);
}

} // namespace waybill::scenarios
