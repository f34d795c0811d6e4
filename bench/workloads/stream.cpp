#include "bench/workloads/stream.hpp"

#include "bench/workloads/goods.hpp"
#include "domain/base/errors.hpp"
#include "domain/base/ids.hpp"
#include "outbound/api_client.hpp"
#include "outbound/websocket_client.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <exception>
#include <memory>
#include <string_view>
#include <vector>

namespace asio = boost::asio;

namespace waybill::bench {

namespace {

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;
using outbound::websocket_client;

/// How many subscribers connect at once.
constexpr unsigned connecting_at_once = 64;
constexpr auto connected_within = 60s;
/// Of one connection.
constexpr milliseconds connect_timeout = 30s;
/// After the last probe.
constexpr auto received_within = 30s;
/// Only probes cause this event: the filter keeps the orders' events from the subscribers.
constexpr std::string_view probe_type = "stock.adjusted";

/// A measurement, on one thread.
class subscriber_group {
public:
  subscriber_group(asio::io_context& context, const stream_options& options)
    : context_(context), options_(options), client_(context.get_executor(), options.server) {}

  asio::awaitable<void> run() {
    const auto name = make_id_suffix();
    product_ = co_await make_product(client_, "stream-" + name);
    order_ = order_body(product_);
    co_await connect_all();
    const auto begin = clock::now();
    asio::co_spawn(context_, place_orders(begin + options_.duration), asio::detached);
    for (; clock::now() < begin + options_.duration; co_await sleep(options_.probe))
      co_await send_probe();
    seen.seconds = std::chrono::duration<double>(clock::now() - begin).count();
    const auto until = clock::now() + received_within;
    while ((seen.received < seen.probes * options_.subscribers || placing_ > 0) && clock::now() < until)
      co_await sleep(10ms);
    ending_ = true;
  }

  stream_result seen;

private:
  struct probe {
    clock::time_point sent;
    unsigned received = 0;
  };

  asio::awaitable<void> sleep(std::chrono::milliseconds time) {
    asio::steady_timer timer{context_, time};
    co_await timer.async_wait(asio::use_awaitable);
  }

  asio::awaitable<void> connect_all() {
    for (unsigned i = 0; i < connecting_at_once; ++i)
      asio::co_spawn(context_, connect_some(), asio::detached);
    const auto until = clock::now() + connected_within;
    while (subscribed_ < options_.subscribers && problem_.empty() && clock::now() < until)
      co_await sleep(10ms);
    if (subscribed_ < options_.subscribers)
      throw server_error{std::to_string(subscribed_) + " of " + std::to_string(options_.subscribers)
                         + " could subscribe: " + (problem_.empty() ? "timed out" : problem_)};
  }

  asio::awaitable<void> connect_some() {
    while (started_ < options_.subscribers && problem_.empty()) {
      ++started_;
      const auto socket = std::make_shared<websocket_client>(context_.get_executor());
      const auto subscribed = co_await subscribe(*socket);
      if (subscribed.has_error()) {
        problem_ = subscribed.error().detail;
        co_return;
      }
      ++subscribed_;
      asio::co_spawn(context_, listen(socket), asio::detached);
    }
  }

  asio::awaitable<result<void>> subscribe(websocket_client& socket) {
    outbound::header_list headers{{"Sec-WebSocket-Protocol", "waybill.v1"}};
    if (!options_.server.token.empty())
      headers.emplace_back("Authorization", "Bearer " + options_.server.token);
    auto connected = co_await socket.connect(options_.server.url.below("/v1/ws"), std::move(headers), connect_timeout);
    if (connected.has_error())
      co_return connected.error();
    auto sent = co_await socket.send(R"({"type":"subscribe","id":"s","filter":{"types":[")" + std::string{probe_type}
                                     + R"("]},"after":"latest"})");
    if (sent.has_error())
      co_return sent.error();
    auto answer = co_await socket.receive();
    if (answer.has_error())
      co_return answer.error();
    if (answer->find(R"("type":"subscribed")") == std::string::npos)
      co_return failure{ec::unavailable, std::move(*answer)};
    co_return result<void>{};
  }

  asio::awaitable<void> listen(std::shared_ptr<websocket_client> socket) {
    for (std::size_t next = 0;;) {
      const auto text = co_await socket->receive();
      if (text.has_error()) {
        if (!ending_)
          ++seen.errors[text.error().detail];
        co_return;
      }
      // Others may change stock meanwhile; of the probes each subscriber sees all, in order.
      if (text->find(product_) != std::string::npos && next < probes_.size())
        count(probes_[next++]);
    }
  }

  void count(probe& received) {
    const auto time = microseconds_since(received.sent);
    ++seen.received;
    seen.event.add(time);
    if (++received.received == options_.subscribers)
      seen.to_the_last.add(time);
  }

  asio::awaitable<void> send_probe() {
    outbound::api_request request;
    request.method = "POST";
    request.target = "/v1/products/" + product_ + "/stock";
    request.body = R"({"delta":1,"reason":"probe"})";
    probes_.push_back({clock::now()});
    ++seen.probes;
    co_await ask(client_, std::move(request), 200);
  }

  asio::awaitable<void> place_orders(clock::time_point until) {
    if (options_.orders_per_second == 0)
      co_return;
    const auto pace = std::chrono::nanoseconds{1s} / options_.orders_per_second;
    asio::steady_timer timer{context_};
    for (auto due = clock::now(); due < until; due += pace) {
      timer.expires_at(due);
      co_await timer.async_wait(asio::use_awaitable);
      asio::co_spawn(context_, place_order(), asio::detached);
    }
  }

  asio::awaitable<void> place_order() {
    outbound::api_request request;
    request.method = "POST";
    request.target = "/v1/orders";
    request.body = order_;
    ++placing_;
    const auto answer = co_await client_.send(std::move(request));
    --placing_;
    if (answer && answer->status == 201)
      ++seen.orders;
    else
      ++seen.errors[answer ? std::to_string(answer->status) : answer.error().detail];
  }

  asio::io_context& context_;
  const stream_options& options_;
  outbound::api_client client_;
  std::string product_;
  std::string order_;
  std::vector<probe> probes_;
  std::string problem_;
  unsigned started_ = 0;
  unsigned subscribed_ = 0;
  unsigned placing_ = 0;
  bool ending_ = false;
};

} // namespace

stream_result run_stream(const stream_options& options) {
  asio::io_context context{1};
  subscriber_group subscribers{context, options};
  std::exception_ptr problem;
  asio::co_spawn(context, subscribers.run(), [&](std::exception_ptr e) {
    problem = e;
    context.stop();
  });
  context.run();
  if (problem)
    std::rethrow_exception(problem);
  return std::move(subscribers.seen);
}

} // namespace waybill::bench
