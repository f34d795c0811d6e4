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
      const auto server = outbound::parse_api_server(url_);
      outbound::api_client client{context.get_executor(), *server};
      for (std::size_t i = 0; i < customers_; ++i)
        asio::co_spawn(context, customer(client), asio::detached);
      context.run();
    }} {}

steady_load::~steady_load() {
  stop();
}

bool steady_load::await(std::size_t more) const {
  const auto enough = accepted_ + more;
  return eventually([&] { return accepted_ >= enough; });
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

asio::awaitable<void> steady_load::customer(outbound::api_client& client) {
  constexpr milliseconds breath{20};
  for (auto i = next_++; i < wishes_.size() && !stopping_; i = next_++) {
    co_await serve(client, wishes_[i]);
    asio::steady_timer pause{co_await asio::this_coro::executor, breath};
    co_await pause.async_wait(asio::use_awaitable);
  }
}

asio::awaitable<void> steady_load::serve(outbound::api_client& client, wish& wanted) {
  outbound::api_request place{
    "POST", "/v1/orders", {{"Idempotency-Key", wanted.key}}, wanted.body, milliseconds{15'000}};
  const auto placed = co_await client.send(std::move(place));
  check_answer(placed, "POST /v1/orders", {201});
  if (!placed || placed->status != 201)
    co_return;
  wanted.order = text_at(placed->body, "/id");
  ++accepted_;
  outbound::api_request look;
  look.target = "/v1/orders/" + *wanted.order;
  const auto seen = co_await client.send(std::move(look));
  check_answer(seen, "GET /v1/orders/" + *wanted.order, {200});
  if (!wanted.cancel)
    co_return;
  outbound::api_request cancel;
  cancel.method = "POST";
  cancel.target = "/v1/orders/" + *wanted.order + "/cancel";
  cancel.body = R"({"reason":"changed my mind"})";
  const auto cancelled = co_await client.send(std::move(cancel));
  // Too late is an answer.
  check_answer(cancelled, "cancel " + *wanted.order, {200, 202, 409});
}

void steady_load::check_answer(const outbound::http_result& answer, const std::string& request,
                               std::initializer_list<unsigned> allowed) {
  if (answer && std::ranges::find(allowed, answer->status) != allowed.end())
    return;
  const std::lock_guard lock{mutex_};
  failures_.push_back(request + ": "
                      + (answer ? std::to_string(answer->status) + " " + answer->body : answer.error().detail));
}

} // namespace waybill::test
