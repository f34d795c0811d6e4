#include "psp/callbacks.hpp"

#include "domain/json/codec.hpp"

#include <boost/asio/async_result.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace waybill::psp {

namespace asio = boost::asio;

callbacks::callbacks(asio::io_context& io, outbound::http_url url, webhook_signature::key key,
                     std::shared_ptr<outbound::http_client> client)
  : io_(io), url_(std::move(url)), key_(std::move(key)), client_(std::move(client)) {}

void callbacks::send(const provider_protocol::operation& operation) {
  const provider_protocol::callback message{std::string{provider_protocol::callback::settled}, operation};
  asio::co_spawn(io_, deliver("msg_" + std::to_string(++sent_) + '_' + operation.key, encode(message)), asio::detached);
}

asio::awaitable<void> callbacks::deliver(std::string id, std::string body) {
  constexpr int max_attempts = 8;
  milliseconds pause{100};
  for (int i = 0; i < max_attempts; ++i, pause *= 2) {
    const bool accepted = co_await attempt(id, body);
    if (accepted)
      co_return;
    asio::steady_timer timer{io_, pause};
    co_await timer.async_wait(asio::use_awaitable);
  }
}

asio::awaitable<bool> callbacks::attempt(const std::string& id, const std::string& body) {
  using namespace webhook_signature;
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(now().time_since_epoch()).count();
  outbound::http_request request;
  request.method = "POST";
  request.url = url_;
  request.body = body;
  request.headers = {{std::string{id_header}, id},
                     {std::string{timestamp_header}, std::to_string(seconds)},
                     {std::string{signature_header}, sign(key_, id, seconds, body)}};
  const auto start = [&](auto handler) {
    const auto shared = std::make_shared<decltype(handler)>(std::move(handler));
    client_->send(std::move(request), [shared, &io = io_](const outbound::http_result& answer) {
      const bool accepted = answer && answer->status >= 200 && answer->status < 300;
      asio::post(io, [shared, accepted] { std::move (*shared)(accepted); });
    });
  };
  const bool accepted =
    co_await asio::async_initiate<const asio::use_awaitable_t<>, void(bool)>(start, asio::use_awaitable);
  co_return accepted;
}

} // namespace waybill::psp
