#include "psp/callbacks.hpp"

#include "domain/base/codec.hpp"

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

void callbacks::tell(const provider_protocol::operation& what) {
  const provider_protocol::callback said{std::string{provider_protocol::callback::settled}, what};
  asio::co_spawn(io_, deliver("msg_" + std::to_string(++told_) + '_' + what.key, encode(said)), asio::detached);
}

asio::awaitable<void> callbacks::deliver(std::string id, std::string body) {
  constexpr int most_attempts = 8;
  milliseconds pause{100};
  for (int i = 0; i < most_attempts; ++i, pause *= 2) {
    const bool taken = co_await attempt(id, body);
    if (taken)
      co_return;
    asio::steady_timer timer{io_, pause};
    co_await timer.async_wait(asio::use_awaitable);
  }
}

asio::awaitable<bool> callbacks::attempt(const std::string& id, const std::string& body) {
  using namespace webhook_signature;
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(now().time_since_epoch()).count();
  outbound::http_request what;
  what.method = "POST";
  what.url = url_;
  what.body = body;
  what.headers = {{std::string{id_header}, id},
                  {std::string{timestamp_header}, std::to_string(seconds)},
                  {std::string{signature_header}, sign(key_, id, seconds, body)}};
  const auto start = [&](auto handler) {
    const auto shared = std::make_shared<decltype(handler)>(std::move(handler));
    client_->send(std::move(what), [shared, &io = io_](const outbound::http_result& answer) {
      const bool taken = answer && answer->status >= 200 && answer->status < 300;
      asio::post(io, [shared, taken] { std::move (*shared)(taken); });
    });
  };
  const bool taken =
    co_await asio::async_initiate<const asio::use_awaitable_t<>, void(bool)>(start, asio::use_awaitable);
  co_return taken;
}

} // namespace waybill::psp
