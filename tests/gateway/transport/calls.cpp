#include "tests/gateway/support/support.hpp"
#include "tests/gateway/support/tokens.hpp"

#include <condition_variable>
#include <future>

#define CAF_SUITE gateway.calls
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::test;
using grpc_door::http_answer;
using grpc_door::http_request;

namespace {

constexpr std::chrono::minutes patience{1};

http_answer answer_of(grpc_door::gateway_port& port, http_request request) {
  std::promise<http_answer> answered;
  auto answer = answered.get_future();
  port.send(std::move(request), [&](http_answer given) { answered.set_value(std::move(given)); });
  return answer.get();
}

/// Keeps what a subscription says.
class listener final : public grpc_door::subscriber {
public:
  void on_begin() override {
    tell([this] { begun_ = true; });
  }
  void on_events(std::vector<std::string> events) override {
    tell([&] { pages_.push_back(std::move(events)); });
  }
  void on_end(http_answer reason) override {
    tell([&] { end_ = std::move(reason); });
  }

  bool await_begin() {
    return await([this] { return begun_; });
  }
  bool await_pages(std::size_t count) {
    return await([&] { return pages_.size() >= count; });
  }
  unsigned await_end() {
    await([this] { return end_.has_value(); });
    return end_->status;
  }
  std::size_t pages() {
    const std::lock_guard guard{mutex_};
    return pages_.size();
  }
  std::vector<std::string> page(std::size_t number) {
    const std::lock_guard guard{mutex_};
    return pages_.at(number);
  }

private:
  template <class Change>
  void tell(Change change) {
    const std::lock_guard guard{mutex_};
    change();
    told_.notify_all();
  }
  template <class Holds>
  bool await(Holds holds) {
    std::unique_lock lock{mutex_};
    return told_.wait_for(lock, patience, holds);
  }

  std::mutex mutex_;
  std::condition_variable told_;
  std::vector<std::vector<std::string>> pages_;
  std::optional<http_answer> end_;
  bool begun_ = false;
};

http_request get(std::string target, header_list headers = {}) {
  http_request made;
  made.method = "GET";
  made.target = std::move(target);
  made.headers = std::move(headers);
  made.peer = "127.0.0.1";
  return made;
}

} // namespace

SCENARIO("a request without HTTP gets the answer that it would get by HTTP") {
  fixture f;
  const auto product = f.add_product();
  const auto port = f.server->calls();
  const auto target = "/v1/products/" + product.value;
  const auto answer = answer_of(*port, get(target));
  CHECK_EQ(answer.status, 200u);
  CHECK_EQ(answer.body, f.send("GET", target).body);
  auto order = get("/v1/orders");
  order.method = "POST";
  order.body = order_body(product, 0);
  order.headers = {{"Content-Type", "application/json"}};
  const auto refused = answer_of(*port, order);
  CHECK_EQ(refused.status, 422u);
  CHECK(refused.body.find("/lines/0/quantity") != std::string::npos);
  CHECK_EQ(answer_of(*port, get("/v1/nothing")).status, 404u);
  CHECK_EQ(answer_of(*port, get("no path")).status, 400u);
  CHECK_EQ(
    answer_of(*port, get(target, {{"If-None-Match", "\"1\""}, {"Idempotency-Key", "a"}, {"Idempotency-Key", "b"}}))
      .status,
    400u);
}

SCENARIO("tokens and rights are those of HTTP") {
  const token_maker maker;
  const auto f = guarded_gateway(maker);
  const auto port = f->server->calls();
  const auto couriers = [&](header_list headers) {
    return answer_of(*port, get("/v1/couriers", std::move(headers))).status;
  };
  CHECK_EQ(couriers({}), 401u);
  CHECK_EQ(couriers({{"authorization", "Bearer nonsense"}}), 401u);
  CHECK_EQ(couriers(bearer(maker.token("usr_00000000000000000001", {"customer"}))), 403u);
  CHECK_EQ(couriers(bearer(maker.token("usr_00000000000000000004", {"operator"}))), 200u);
  const auto watched = std::make_shared<listener>();
  const auto subscription = port->subscribe(get("/v1/events/stream"), watched);
  CHECK_EQ(watched->await_end(), 401u);
}

SCENARIO("the next page of events comes when the last was taken") {
  fixture f;
  for (int i = 0; i < 150; ++i)
    f.log_event("order.placed", "ord_1");
  const auto port = f.server->calls();
  const auto watched = std::make_shared<listener>();
  const auto subscription = port->subscribe(get("/v1/events/stream?after=earliest"), watched);
  REQUIRE(watched->await_begin());
  REQUIRE(watched->await_pages(1));
  CHECK_EQ(watched->page(0).size(), 100u);
  // Behind this answer the gateway's only thread would have sent a page that nobody has room for.
  CHECK_EQ(answer_of(*port, get("/v1/events?limit=1")).status, 200u);
  CHECK_EQ(watched->pages(), 1u);
  subscription->resume();
  REQUIRE(watched->await_pages(2));
  CHECK_EQ(watched->page(1).size(), 50u);
  CHECK(watched->page(1).back().find("evt_ord_1.150") != std::string::npos);
  subscription->cancel();
  CHECK_EQ(watched->await_end(), 200u);
}

SCENARIO("a position that the log does not have ends the subscription with a problem") {
  fixture f;
  f.log_event("order.placed", "ord_1");
  f.log_event("order.placed", "ord_1");
  f.remove_events(1);
  const auto port = f.server->calls();
  const auto watched = std::make_shared<listener>();
  const auto subscription = port->subscribe(get("/v1/events/stream?after=" + to_string(log_position{})), watched);
  CHECK_EQ(watched->await_end(), 410u);
}

SCENARIO("a gateway that goes down ends subscriptions, and serves until its doors are closed") {
  fixture f{[](gateway_config& config) { config.drain_delay = std::chrono::milliseconds{0}; }};
  const auto port = f.server->calls();
  const auto watched = std::make_shared<listener>();
  const auto subscription = port->subscribe(get("/v1/events/stream"), watched);
  REQUIRE(watched->await_begin());
  f.server->request_stop();
  CHECK_EQ(watched->await_end(), 200u);
  CHECK_EQ(answer_of(*port, get("/healthz")).status, 200u);
  f.server->join();
}
