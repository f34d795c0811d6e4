#include "tests/support/eventually.hpp"
#include "tests/support/invariant_check.hpp"
#include "tests/support/node_process.hpp"
#include "tests/support/postgres.hpp"
#include "tests/support/http_shop.hpp"
#include "tests/support/temp_folder.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include <array>
#include <atomic>
#include <csignal>

#define CAF_SUITE cluster.drain
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::test;

namespace {

namespace asio = boost::asio;

/// Two gateways in front of one node that does the work.
struct two_gateways {
  temp_folder folder;
  std::string database = test_postgres::shared().create_database();
  node_process core = start("core", "order,payment,inventory,delivery,notification");
  node_process first = start("gateway-1", "gateway");
  node_process second = start("gateway-2", "gateway");

  two_gateways() {
    for (auto* node : {&core, &first, &second})
      node->await_ready();
    for (auto* node : {&first, &second})
      REQUIRE(eventually([&] { return get(node->url(), "/v1/products/prd_00000000000000000000")->status == 404; }));
  }

  node_process start(const std::string& name, const std::string& roles) const {
    auto words = quick_settings();
    std::erase_if(words, [](const std::string& word) { return word.starts_with("--http-drain-delay"); });
    words.push_back("--store=" + database);
    words.push_back("--role=" + roles);
    return {folder.path().string(), name, words};
  }
};

/// Customers who send one request after the other over kept connections, without an idempotency key to repeat one, and
/// who change to the other gateway when an answer closes the connection, as a load balancer does.
class regulars {
public:
  regulars(std::vector<std::string> urls, std::vector<std::string> bodies)
    : urls_{std::move(urls)}, bodies_{std::move(bodies)}, thread_{[this] { run(); }} {}

  ~regulars() { stop(); }
  regulars(const regulars&) = delete;
  regulars& operator=(const regulars&) = delete;

  void stop() {
    stopping_ = true;
    if (thread_.joinable())
      thread_.join();
  }

  [[nodiscard]] std::size_t answered(std::size_t gateway) const { return answered_.at(gateway); }
  /// After stop().
  [[nodiscard]] const std::vector<std::string>& failed() const { return failed_; }

private:
  static constexpr std::size_t customers = 16;

  void run() {
    asio::io_context context{1};
    std::vector<outbound::api_client> clients;
    for (const auto& url : urls_)
      clients.emplace_back(context.get_executor(), *outbound::parse_api_server(url));
    for (std::size_t i = 0; i < customers; ++i)
      asio::co_spawn(context, buy(clients, bodies_.at(i % bodies_.size())), asio::detached);
    context.run();
  }

  asio::awaitable<void> buy(std::vector<outbound::api_client>& clients, std::string body) {
    for (std::size_t at = 0; !stopping_;) {
      outbound::api_request order{"POST", "/v1/orders", {}, body, milliseconds{60'000}};
      const auto answer = co_await clients.at(at).send(std::move(order));
      if (!answer || answer->status != 201)
        failed_.push_back(urls_.at(at) + ": " + (answer ? answer->body : answer.error().detail));
      ++answered_.at(at);
      if (!answer || answer->header("Connection") == "close")
        at = (at + 1) % clients.size();
    }
  }

  std::vector<std::string> urls_;
  std::vector<std::string> bodies_;
  std::atomic<bool> stopping_ = false;
  std::array<std::atomic<std::size_t>, 2> answered_{};
  std::vector<std::string> failed_;
  std::jthread thread_;
};

std::vector<std::string> bodies(const std::string& url) {
  std::vector<std::string> result;
  for (const auto& wish : mixed_wishes(16, stock_products(url)))
    result.push_back(wish.body);
  return result;
}

} // namespace

SCENARIO("no request fails when a gateway is stopped under load") {
  two_gateways shop;
  regulars customers{{shop.first.url(), shop.second.url()}, bodies(shop.first.url())};
  REQUIRE(eventually([&] { return customers.answered(0) >= 200; }));
  CHECK_EQ(shop.first.stop(), std::optional<int>{0});
  const auto before = customers.answered(1);
  CHECK(eventually([&] { return customers.answered(1) >= before + 100; }));
  customers.stop();
  CHECK_EQ(lines_of(customers.failed()), "");
  CHECK_EQ(shop.second.stop(), std::optional<int>{0});
  CHECK_EQ(shop.core.stop(), std::optional<int>{0});
}

SCENARIO("a gateway that is stopped reports it before it stops serving") {
  two_gateways shop;
  const auto url = shop.first.url();
  shop.first.process().signal(SIGTERM);
  bool said = false;
  bool served = true;
  // Until the listener is gone.
  CHECK(eventually([&] {
    const auto ready = get(url, "/readyz");
    if (!ready)
      return true;
    said = said || (ready->status == 503 && ready->body.find("draining") != std::string::npos);
    if (const auto page = get(url, "/v1/products?limit=1"); page && said)
      served = served && page->status == 200;
    return false;
  }));
  CHECK(said);
  CHECK(served);
  CHECK_EQ(shop.first.process().wait(std::chrono::seconds{60}), std::optional<int>{0});
}
