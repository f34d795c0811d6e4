#include "bench/workloads/stream.hpp"

#include "bench/workloads/goods.hpp"
#include "domain/base/ids.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/websocket/stream.hpp>

#include <memory>
#include <string_view>
#include <vector>

namespace asio = boost::asio;
namespace beast = boost::beast;

namespace waybill::bench {

namespace {

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;
using error_code = boost::system::error_code;
using socket_stream = beast::websocket::stream<beast::tcp_stream>;

/// So many subscribers connect at once.
constexpr unsigned connecting_at_once = 64;
constexpr auto connected_within = 60s;
/// After the last probe.
constexpr auto heard_within = 30s;
/// Only probes make this event; the filter is what keeps the orders' events from the subscribers.
constexpr std::string_view probe_type = "stock.adjusted";

/// All of a measurement, on one thread.
class subscriber_group {
public:
  subscriber_group(asio::io_context& context, const stream_options& how)
    : context_(context), how_(how), client_(context.get_executor(), how.server) {}

  asio::awaitable<void> run() {
    const auto name = make_id_suffix();
    product_ = co_await make_product(client_, "stream-" + name);
    order_ = order_body(product_);
    co_await connect_all();
    const auto begin = clock::now();
    asio::co_spawn(context_, place_orders(begin + how_.duration), asio::detached);
    for (; clock::now() < begin + how_.duration; co_await sleep(how_.probe))
      co_await send_probe();
    seen.seconds = std::chrono::duration<double>(clock::now() - begin).count();
    const auto until = clock::now() + heard_within;
    while ((seen.received < seen.probes * how_.subscribers || placing_ > 0) && clock::now() < until)
      co_await sleep(10ms);
    ending_ = true;
  }

  stream_result seen;

private:
  struct probe {
    clock::time_point sent;
    unsigned heard = 0;
  };

  asio::awaitable<void> sleep(std::chrono::milliseconds time) {
    asio::steady_timer timer{context_, time};
    co_await timer.async_wait(asio::use_awaitable);
  }

  asio::awaitable<void> connect_all() {
    for (unsigned i = 0; i < connecting_at_once; ++i)
      asio::co_spawn(context_, connect_some(), asio::detached);
    const auto until = clock::now() + connected_within;
    while (subscribed_ < how_.subscribers && trouble_.empty() && clock::now() < until)
      co_await sleep(10ms);
    if (subscribed_ < how_.subscribers)
      throw server_error{std::to_string(subscribed_) + " of " + std::to_string(how_.subscribers)
                         + " could subscribe: " + (trouble_.empty() ? "the time was over" : trouble_)};
  }

  asio::awaitable<void> connect_some() {
    while (started_ < how_.subscribers && trouble_.empty()) {
      ++started_;
      auto socket = std::make_shared<socket_stream>(context_);
      try {
        co_await subscribe(*socket);
      } catch (const boost::system::system_error& e) {
        trouble_ = e.what();
        co_return;
      }
      asio::co_spawn(context_, listen(std::move(socket)), asio::detached);
    }
  }

  asio::awaitable<void> subscribe(socket_stream& socket) {
    asio::ip::tcp::resolver resolver{context_};
    const auto found = co_await resolver.async_resolve(how_.server.host, how_.server.port, asio::use_awaitable);
    co_await beast::get_lowest_layer(socket).async_connect(found, asio::use_awaitable);
    socket.set_option(beast::websocket::stream_base::decorator([this](beast::websocket::request_type& request) {
      request.set(beast::http::field::sec_websocket_protocol, "waybill.v1");
      if (!how_.server.token.empty())
        request.set(beast::http::field::authorization, "Bearer " + how_.server.token);
    }));
    co_await socket.async_handshake(how_.server.host, how_.server.prefix + "/v1/ws", asio::use_awaitable);
    const auto wish =
      R"({"type":"subscribe","id":"s","filter":{"types":[")" + std::string{probe_type} + R"("]},"after":"latest"})";
    co_await socket.async_write(asio::buffer(wish), asio::use_awaitable);
    beast::flat_buffer answer;
    co_await socket.async_read(answer, asio::use_awaitable);
    const auto text = beast::buffers_to_string(answer.data());
    if (text.find(R"("type":"subscribed")") == std::string::npos)
      trouble_ = text;
    else
      ++subscribed_;
  }

  asio::awaitable<void> listen(std::shared_ptr<socket_stream> socket) {
    beast::flat_buffer frame;
    for (std::size_t next = 0;;) {
      error_code error;
      co_await socket->async_read(frame, asio::redirect_error(asio::use_awaitable, error));
      if (error) {
        if (!ending_)
          ++seen.errors[error.message()];
        co_return;
      }
      const std::string_view text{static_cast<const char*>(frame.data().data()), frame.size()};
      // Others may change stock meanwhile; of the probes each subscriber sees all, in order.
      if (text.find(product_) != std::string_view::npos && next < probes_.size())
        hear(probes_[next++]);
      frame.clear();
    }
  }

  void hear(probe& what) {
    const auto time = microseconds_since(what.sent);
    ++seen.received;
    seen.event.add(time);
    if (++what.heard == how_.subscribers)
      seen.to_the_last.add(time);
  }

  asio::awaitable<void> send_probe() {
    outbound::request request;
    request.method = "POST";
    request.target = "/v1/products/" + product_ + "/stock";
    request.body = R"({"delta":1,"reason":"probe"})";
    probes_.push_back({clock::now()});
    ++seen.probes;
    co_await ask(client_, std::move(request), 200);
  }

  asio::awaitable<void> place_orders(clock::time_point until) {
    if (how_.orders_per_second == 0)
      co_return;
    const auto pace = std::chrono::nanoseconds{1s} / how_.orders_per_second;
    asio::steady_timer timer{context_};
    for (auto due = clock::now(); due < until; due += pace) {
      timer.expires_at(due);
      co_await timer.async_wait(asio::use_awaitable);
      asio::co_spawn(context_, place_order(), asio::detached);
    }
  }

  asio::awaitable<void> place_order() {
    outbound::request request;
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
  const stream_options& how_;
  outbound::client client_;
  std::string product_;
  std::string order_;
  std::vector<probe> probes_;
  std::string trouble_;
  unsigned started_ = 0;
  unsigned subscribed_ = 0;
  unsigned placing_ = 0;
  bool ending_ = false;
};

} // namespace

stream_result run_stream(const stream_options& how) {
  asio::io_context context{1};
  subscriber_group all{context, how};
  std::exception_ptr trouble;
  asio::co_spawn(context, all.run(), [&](std::exception_ptr e) {
    trouble = e;
    context.stop();
  });
  context.run();
  if (trouble)
    std::rethrow_exception(trouble);
  return std::move(all.seen);
}

} // namespace waybill::bench
