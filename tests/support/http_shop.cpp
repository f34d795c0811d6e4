#include "domain/base/errors.hpp"
#include "tests/support/http_shop.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/exchanges.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <functional>
#include <stdexcept>

namespace waybill::test {

namespace asio = boost::asio;
namespace json = boost::json;

namespace {

constexpr std::size_t customers = 24;
constexpr std::string_view final_statuses[] = {"completed", "rejected", "cancelled"};

outbound::api_server server_of(const std::string& url) {
  auto server = outbound::parse_api_server(url);
  if (!server)
    throw std::runtime_error("no gateway at '" + url + "'");
  return *server;
}

/// Runs one coroutine with a client to its end.
void with_client(const std::string& url, const std::function<asio::awaitable<void>(outbound::api_client&)>& body) {
  asio::io_context context{1};
  outbound::api_client client{context.get_executor(), server_of(url)};
  std::exception_ptr trouble;
  asio::co_spawn(context, body(client), [&](std::exception_ptr problem) { trouble = problem; });
  context.run();
  if (trouble)
    std::rethrow_exception(trouble);
}

outbound::api_request get_request(const std::string& target) {
  outbound::api_request request;
  request.target = target;
  return request;
}

outbound::api_request cancel_request(const std::string& order) {
  outbound::api_request request;
  request.method = "POST";
  request.target = "/v1/orders/" + order + "/cancel";
  request.body = R"({"reason":"changed my mind"})";
  return request;
}

outbound::api_request order_request(const wish& wanted) {
  return {"POST", "/v1/orders", {{"Idempotency-Key", wanted.key}}, wanted.body, milliseconds{30'000}};
}

std::string order_body(const std::string& product, const std::string& token, const std::string& couriers,
                       const std::string& key) {
  const auto address = "Quay Street 1" + (couriers.empty() ? couriers : " [couriers: " + couriers + "]");
  return json::serialize(json::value{{"lines", json::array{{{"product_id", product}, {"quantity", 1}}}},
                                     {"payment", {{"method", "card"}, {"token", token}}},
                                     {"delivery", {{"name", "Ada"}, {"address", address}}},
                                     {"note", key}});
}

std::string make_product(const std::string& url, const std::string& sku, int on_hand) {
  const auto body = json::serialize(
    json::value{{"sku", sku}, {"name", sku}, {"price", {{"amount", 1250}, {"currency", "EUR"}}}, {"on_hand", on_hand}});
  const auto made = call(url, {"POST", "/v1/products", {}, body});
  if (!made || made->status != 201)
    throw std::runtime_error("no product: " + (made ? made->body : made.error().detail));
  return text_at(made->body, "/id");
}

} // namespace

outbound::http_result call(const std::string& url, outbound::api_request request) {
  outbound::http_result answer = outbound::http_failure{ec::internal, "not sent"};
  exchange kept{request.method, request.target, "application/json", request.body, 0, {}, {}};
  with_client(url, [&](outbound::api_client& client) -> asio::awaitable<void> {
    answer = co_await client.send(std::move(request));
  });
  // Others than gateways are asked as well: a payment provider for its ledger.
  if (answer && !answer->header("X-Request-Id").empty()) {
    kept.status = answer->status;
    kept.headers = answer->headers;
    kept.body = answer->body;
    record(kept);
  }
  return answer;
}

outbound::http_result get(const std::string& url, const std::string& target) {
  return call(url, get_request(target));
}

std::string text_at(const std::string& body, const std::string& pointer) {
  boost::system::error_code trouble;
  const auto parsed = json::parse(body, trouble);
  if (trouble)
    return {};
  const auto* value = parsed.find_pointer(pointer, trouble);
  return value != nullptr && value->is_string() ? std::string{value->as_string()} : std::string{};
}

std::vector<std::string> stock_products(const std::string& url) {
  static int number = 0;
  const auto sku = "sku-" + std::to_string(++number) + "-";
  return {make_product(url, sku + "plenty", 10'000), make_product(url, sku + "many", 5'000),
          make_product(url, sku + "scarce", 3)};
}

std::vector<wish> mixed_wishes(std::size_t count, const std::vector<std::string>& products) {
  static constexpr std::string_view tokens[] = {"tok_ok",     "tok_ok",    "tok_declined", "tok_timeout_charged",
                                                "tok_ok",     "tok_flaky", "tok_ok",       "tok_insufficient_funds",
                                                "tok_timeout"};
  static constexpr std::string_view couriers[] = {"",
                                                  "complete",
                                                  "decline, abort, complete",
                                                  "",
                                                  "hold, complete",
                                                  "decline, abort, decline, abort, decline",
                                                  "vanish, complete"};
  std::vector<wish> wishes;
  for (std::size_t i = 0; i < count; ++i) {
    wish next;
    next.key = products.front() + "-" + std::to_string(i);
    const auto& product = i % 11 == 5 ? products[2] : products[i % 2];
    next.body = order_body(product, std::string{tokens[i % std::size(tokens)]},
                           std::string{couriers[i % std::size(couriers)]}, next.key);
    next.cancel = i % 8 == 3;
    wishes.push_back(std::move(next));
  }
  return wishes;
}

std::vector<std::string> quick_settings() {
  return {"--payment-provider-timeout=300ms", "--delivery-answer-within=400ms", "--delivery-start-within=400ms",
          "--courier-shortest-delay=5ms",     "--courier-longest-delay=40ms",   "--couriers=200",
          "--order-delivery-poll=1s",         "--order-request-timeout=500ms",  "--http-drain-delay=20ms"};
}

std::vector<std::string> reliable_couriers() {
  return {"--courier-decline-percent=0", "--courier-abort-percent=0", "--courier-vanish-percent=0",
          "--delivery-answer-within=60s", "--delivery-start-within=60s"};
}

std::vector<std::string> with_options(std::vector<std::string> settings, const std::vector<std::string>& options) {
  for (const auto& option : options) {
    const auto name = option.substr(0, option.find('=') + 1);
    std::erase_if(settings, [&](const std::string& setting) { return setting.starts_with(name); });
    settings.push_back(option);
  }
  return settings;
}

// -- many customers ---------------------------------------------------------------------------------------------------

rush::rush(std::string url, std::vector<wish>& wishes, milliseconds patience)
  : url_{std::move(url)}, wishes_{wishes}, give_up_{std::chrono::steady_clock::now() + patience}, thread_{[this] {
      asio::io_context context{1};
      outbound::api_client client{context.get_executor(), server_of(url_)};
      for (std::size_t i = 0; i < customers; ++i)
        asio::co_spawn(context, customer(client), asio::detached);
      context.run();
    }} {}

rush::~rush() = default;

void rush::wait() {
  if (thread_.joinable())
    thread_.join();
}

asio::awaitable<void> rush::customer(outbound::api_client& client) {
  for (auto i = next_++; i < wishes_.size(); i = next_++) {
    auto& wanted = wishes_[i];
    while (!wanted.order && !co_await place(client, wanted) && std::chrono::steady_clock::now() < give_up_) {
      asio::steady_timer pause{co_await asio::this_coro::executor, std::chrono::milliseconds{50}};
      co_await pause.async_wait(asio::use_awaitable);
    }
    if (wanted.order && wanted.cancel)
      co_await client.send(cancel_request(*wanted.order));
  }
}

asio::awaitable<bool> rush::place(outbound::api_client& client, wish& wanted) {
  const auto answer = co_await client.send(order_request(wanted));
  wanted.refused = answer && answer->status != 201 ? answer->status : 0;
  if (!answer || answer->status != 201)
    co_return false;
  wanted.order = text_at(answer->body, "/id");
  ++accepted_;
  co_return true;
}

// -- what came of it --------------------------------------------------------------------------------------------------

std::vector<std::string> await_final(const std::string& url, const std::vector<wish>& wishes, milliseconds limit) {
  const auto end = std::chrono::steady_clock::now() + limit;
  std::vector<std::string> open;
  with_client(url, [&](outbound::api_client& client) -> asio::awaitable<void> {
    asio::steady_timer pause{co_await asio::this_coro::executor};
    for (const auto& placed : wishes) {
      if (!placed.order)
        continue;
      for (std::string status;;) {
        const auto answer = co_await client.send(get_request("/v1/orders/" + *placed.order));
        status = !answer                 ? answer.error().detail
                 : answer->status == 200 ? text_at(answer->body, "/status")
                                         : std::to_string(answer->status);
        if (std::ranges::find(final_statuses, status) != std::end(final_statuses))
          break;
        if (std::chrono::steady_clock::now() >= end) {
          open.push_back(*placed.order + ": " + status);
          break;
        }
        pause.expires_after(std::chrono::milliseconds{50});
        co_await pause.async_wait(asio::use_awaitable);
      }
    }
  });
  return open;
}

std::vector<std::string> await_rest_untouched(const std::string& url, milliseconds limit) {
  std::vector<std::string> open;
  eventually(
    [&] {
      open.clear();
      for (const std::string status : {"placed", "confirmed", "fulfilling", "cancelling", "needs_attention"})
        if (const auto page = get(url, "/v1/orders?limit=1&status=" + status); !page || page->status != 200)
          open.push_back(status + ": " + (page ? page->body : page.error().detail));
        else if (const auto id = text_at(page->body, "/items/0/id"); !id.empty())
          open.push_back(status + ": " + id);
      return open.empty();
    },
    limit);
  return open;
}

std::vector<std::string> find_wrong_replays(const std::string& url, const std::vector<wish>& wishes) {
  constexpr std::chrono::seconds longest{60};
  const auto end = std::chrono::steady_clock::now() + longest;
  std::vector<std::string> wrong;
  with_client(url, [&](outbound::api_client& client) -> asio::awaitable<void> {
    asio::steady_timer pause{co_await asio::this_coro::executor};
    for (const auto& placed : wishes) {
      if (!placed.order)
        continue;
      auto answer = co_await client.send(order_request(placed));
      // On a busy machine a node may ask for patience (G9): that is no answer yet.
      while (answer && answer->status == 503 && std::chrono::steady_clock::now() < end) {
        pause.expires_after(std::chrono::milliseconds{50});
        co_await pause.async_wait(asio::use_awaitable);
        answer = co_await client.send(order_request(placed));
      }
      if (!answer || answer->status != 201 || text_at(answer->body, "/id") != *placed.order
          || answer->header("Idempotent-Replayed") != "true")
        wrong.push_back(placed.key + ": "
                        + (answer ? std::to_string(answer->status) + " " + answer->body : answer.error().detail));
    }
  });
  return wrong;
}

std::size_t count_accepted(const std::vector<wish>& wishes) {
  return static_cast<std::size_t>(std::ranges::count_if(wishes, [](const wish& x) { return x.order.has_value(); }));
}

void follow_log(const std::string& url, std::string& cursor, std::vector<std::string>& ids) {
  constexpr std::size_t page = 200;
  with_client(url, [&](outbound::api_client& client) -> asio::awaitable<void> {
    for (bool more = true; more;) {
      auto target = "/v1/events?limit=" + std::to_string(page);
      if (!cursor.empty())
        target += "&after=" + outbound::percent_encode(cursor);
      const auto answer = co_await client.send(get_request(target));
      if (!answer || answer->status != 200)
        throw std::runtime_error("the log cannot be read: " + (answer ? answer->body : answer.error().detail));
      const auto parsed = json::parse(answer->body);
      const auto& items = parsed.at("items").as_array();
      for (const auto& item : items) {
        ids.emplace_back(item.at("id").as_string());
        cursor = item.at("position").as_string();
      }
      more = items.size() == page;
    }
  });
}

std::string lines_of(const std::vector<std::string>& lines) {
  std::string text;
  for (const auto& line : lines)
    text += line + "\n";
  return text;
}

} // namespace waybill::test
