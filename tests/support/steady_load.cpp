#include "tests/support/steady_load.hpp"

#include "tests/support/eventually.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>

namespace waybill::test {

namespace asio = boost::asio;

steady_load::steady_load(std::string url, std::vector<wish>& wishes, std::size_t customers)
  : url_{std::move(url)}, wishes_{wishes}, customers_{customers}, thread_{[this] {
      asio::io_context context{1};
      const auto server = outbound::parse_url(url_);
      outbound::client client{context.get_executor(), *server};
      for (std::size_t i = 0; i < customers_; ++i)
        asio::co_spawn(context, customer(client), asio::detached);
      context.run();
    }} {}

steady_load::~steady_load() {
  stop();
}

bool steady_load::await(std::size_t more) const {
  const auto wanted = accepted_ + more;
  return eventually([&] { return accepted_ >= wanted; });
}

void steady_load::stop() {
  stopping_ = true;
  if (thread_.joinable())
    thread_.join();
}

std::vector<std::string> steady_load::failures() const {
  const std::lock_guard lock{mutex_};
  return failures_;
}

asio::awaitable<void> steady_load::customer(outbound::client& client) {
  constexpr milliseconds breath{20};
  for (auto i = next_++; i < wishes_.size() && !stopping_; i = next_++) {
    co_await serve(client, wishes_[i]);
    asio::steady_timer pause{co_await asio::this_coro::executor, breath};
    co_await pause.async_wait(asio::use_awaitable);
  }
}

asio::awaitable<void> steady_load::serve(outbound::client& client, wish& one) {
  outbound::request place{"POST", "/v1/orders", {{"Idempotency-Key", one.key}}, one.body, milliseconds{15'000}};
  const auto placed = co_await client.send(std::move(place));
  expect(placed, "POST /v1/orders", {201});
  if (!placed || placed->status != 201)
    co_return;
  one.order = text_at(placed->body, "/id");
  ++accepted_;
  outbound::request look;
  look.target = "/v1/orders/" + *one.order;
  const auto seen = co_await client.send(std::move(look));
  expect(seen, "GET /v1/orders/" + *one.order, {200});
  if (!one.cancel)
    co_return;
  outbound::request cancel;
  cancel.method = "POST";
  cancel.target = "/v1/orders/" + *one.order + "/cancel";
  cancel.body = R"({"reason":"changed my mind"})";
  const auto cancelled = co_await client.send(std::move(cancel));
  // Too late is an answer.
  expect(cancelled, "cancel " + *one.order, {200, 202, 409});
}

void steady_load::expect(const result<outbound::response>& answer, const std::string& what,
                         std::initializer_list<unsigned> wanted) {
  if (answer && std::ranges::find(wanted, answer->status) != wanted.end())
    return;
  const std::lock_guard lock{mutex_};
  failures_.push_back(what + ": "
                      + (answer ? std::to_string(answer->status) + " " + answer->body : answer.error().detail));
}

} // namespace waybill::test
