#include "tests/support/eventually.hpp"
#include "tests/support/http_shop.hpp"
#include "tests/support/node_process.hpp"
#include "tests/support/temp_folder.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <atomic>
#include <fstream>
#include <map>

#define CAF_SUITE cluster.overload
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::test;

namespace {

namespace asio = boost::asio;

/// Many clients who continue after every answer: each sends its next request a tenth of a second after the last one, or
/// as soon as that is answered. Most request the most expensive page, some place orders.
class flood {
public:
  flood(std::string url, std::string body) : url_{std::move(url)}, body_{std::move(body)}, thread_{[this] { run(); }} {}

  ~flood() { stop(); }
  flood(const flood&) = delete;
  flood& operator=(const flood&) = delete;

  void stop() {
    stopping_ = true;
    if (thread_.joinable())
      thread_.join();
  }

  [[nodiscard]] std::size_t served() const { return served_; }
  [[nodiscard]] std::size_t refused() const { return refused_; }
  /// Answers that are neither, or none at all, with how many there were. After stop().
  [[nodiscard]] const std::map<std::string, std::size_t>& failures() const { return failures_; }

private:
  static constexpr std::size_t clients = 1'000;

  void run() {
    asio::io_context context{1};
    const auto server = outbound::parse_api_server(url_).value();
    outbound::api_client client{context.get_executor(), server, {.max_connections = clients}};
    for (std::size_t i = 0; i < clients; ++i)
      asio::co_spawn(context, come(client, i), asio::detached);
    context.run();
  }

  asio::awaitable<void> come(outbound::api_client& client, std::size_t number) {
    asio::steady_timer next{co_await asio::this_coro::executor};
    while (!stopping_) {
      next.expires_after(std::chrono::milliseconds{100});
      outbound::api_request request;
      request.timeout = milliseconds{60'000};
      request.target = "/v1/orders?limit=200";
      if (number % 10 == 0) {
        request.method = "POST";
        request.target = "/v1/orders";
        request.body = body_;
      }
      const auto answer = co_await client.send(std::move(request));
      if (!answer)
        ++failures_[answer.error().detail];
      else if (answer->status == 200 || answer->status == 201)
        ++served_;
      else if (answer->status == 503 && text_at(answer->body, "/code") == "overloaded"
               && !answer->header("Retry-After").empty())
        ++refused_;
      else
        ++failures_[std::to_string(answer->status) + " " + text_at(answer->body, "/code")];
      co_await next.async_wait(asio::use_awaitable);
    }
  }

  std::string url_;
  std::string body_;
  std::atomic<bool> stopping_ = false;
  std::atomic<std::size_t> served_ = 0;
  std::atomic<std::size_t> refused_ = 0;
  std::map<std::string, std::size_t> failures_;
  std::jthread thread_;
};

/// The most memory that the process ever held, in MiB.
std::size_t peak_mebibytes(const node_process& node, pid_t pid) {
  std::ifstream status{"/proc/" + std::to_string(pid) + "/status"};
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("VmHWM:"))
      return std::strtoul(line.c_str() + 6, nullptr, 10) / 1024;
  throw std::runtime_error("no memory of " + node.name());
}

} // namespace

SCENARIO("G9: an overload gets 503 and no other error, memory stays bounded, and later requests succeed") {
  const temp_folder folder;
  auto settings = quick_settings();
  settings.push_back("--store=sqlite:" + (folder / "shop.db"));
  settings.push_back("--http-target-latency=500ms");
  // However fast the machine is, a thousand customers at once are too many, and so are the orders that they leave.
  settings.push_back("--http-max-in-flight=200");
  settings.push_back("--order-max-active=5000");
  node_process node{folder.path().string(), "single", settings};
  node.await_ready();
  const auto url = node.url();
  auto wishes = mixed_wishes(200, stock_products(url));
  rush{url, wishes, std::chrono::seconds{60}}.wait();
  REQUIRE_EQ(count_accepted(wishes), wishes.size());
  CHECK_EQ(lines_of(await_final(url, wishes, std::chrono::seconds{60})), "");

  flood crowd{url, wishes.front().body};
  CHECK(eventually([&] { return crowd.served() >= 500 && crowd.refused() >= 2'000; }, std::chrono::seconds{180}));
  // Health and metrics are answered during the overload.
  for (const auto* path : {"/healthz", "/readyz", "/metrics"}) {
    const auto answer = get(url, path);
    REQUIRE(answer.has_value());
    CHECK_EQ(answer->status, 200u);
  }
  crowd.stop();
  CAF_MESSAGE(crowd.served() << " were served, " << crowd.refused() << " refused");
  for (const auto& [failure, count] : crowd.failures())
    CAF_ERROR(count << " times " << failure);
  const auto peak = peak_mebibytes(node, node.process().pid());
  CAF_MESSAGE("at most " << peak << " MiB");
  CHECK(peak < 300);

  auto later = mixed_wishes(300, stock_products(url));
  rush{url, later, std::chrono::seconds{60}}.wait();
  CHECK_EQ(count_accepted(later), later.size());
  CHECK_EQ(get(url, "/v1/orders?limit=200")->status, 200u);
  CHECK_EQ(node.stop(), std::optional<int>{0});
}
