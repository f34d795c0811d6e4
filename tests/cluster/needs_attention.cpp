#include "tests/support/eventually.hpp"
#include "tests/support/http_shop.hpp"
#include "tests/support/invariant_check.hpp"
#include "tests/support/node_process.hpp"
#include "tests/support/temp_folder.hpp"

#define CAF_SUITE cluster.needs_attention
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::test;

namespace {

/// One node with every role, whose auditor checks all tables all the time, and whose orders are all delivered: an order
/// whose offers fail is cancelled and never needs attention.
struct embedded_shop {
  explicit embedded_shop(const std::vector<std::string>& more = {}) {
    auto words = with_options(with_options(quick_settings(), reliable_couriers()), more);
    words.push_back("--store=" + store.url);
    words.push_back("--audit-walk-interval=500ms");
    words.push_back("--audit-recheck-interval=500ms");
    node.emplace(folder.path().string(), "embedded", words);
    node->await_ready();
  }

  std::string url() { return node->url(); }

  std::string make_product(int on_hand) {
    const auto made =
      call(url(), {"POST",
                   "/v1/products",
                   {},
                   R"({"sku":"sku-)" + std::to_string(++products) + R"(","name":"Thing","price":)"
                     + R"({"amount":1250,"currency":"EUR"},"on_hand":)" + std::to_string(on_hand) + "}"});
    return text_at(made->body, "/id");
  }

  std::string place(const std::string& product, const std::string& token, const std::string& couriers = {}) {
    const auto made =
      call(url(), {"POST",
                   "/v1/orders",
                   {},
                   R"({"lines":[{"product_id":")" + product + R"(","quantity":1}],"payment":{"method":"card","token":")"
                     + token + R"("},"delivery":{"name":"Ada","address":"Quay Street 1)"
                     + (couriers.empty() ? "" : " [couriers: " + couriers + "]") + R"("}})"});
    return text_at(made->body, "/id");
  }

  std::string status_of(const std::string& order) {
    const auto answer = get(url(), "/v1/orders/" + order);
    return answer ? text_at(answer->body, "/status") : std::string{};
  }

  bool reaches(const std::string& order, const std::string& status) {
    return eventually([&] { return status_of(order) == status; });
  }

  outbound::http_result tell(const std::string& order, const std::string& command, const std::string& body) {
    return call(url(), {"POST", "/v1/orders/" + order + "/" + command, {}, body});
  }

  command_result shell(const std::string& command, const std::string& format = "json") {
    return run_waybill({"shell", "--connect=" + node->listen_address(), "-c", command, "-o", format});
  }

  /// Ends the node; its data must satisfy all invariants.
  void end() {
    CAF_CHECK_EQUAL(node->stop(), std::optional<int>{0});
    CAF_CHECK_EQUAL(check_invariants(store, {"sqlite:" + (folder / "shop.db.provider")}).text(), "");
  }

  temp_folder folder;
  store_config store{"sqlite:" + (folder / "shop.db")};
  std::optional<node_process> node;
  int products = 0;
};

constexpr auto paid_in_cash = R"({"outcome":"completed","reason":"paid in cash"})";

} // namespace

SCENARIO("an order whose capture the provider refuses is listed, retried without success, and resolved over HTTP") {
  embedded_shop shop;
  const auto product = shop.make_product(10);
  const auto order = shop.place(product, "tok_capture_fails");
  REQUIRE(shop.reaches(order, "needs_attention"));
  const auto list = get(shop.url(), "/v1/orders?status=needs_attention");
  CHECK_EQ(text_at(list->body, "/items/0/id"), order);
  CHECK(text_at(list->body, "/items/0/reason").find("capture_failed") != std::string::npos);
  CHECK_EQ(shop.tell(order, "retry", {})->status, 200u);
  // The provider's answer under the same key stays the same.
  REQUIRE(eventually([&] {
    const auto events = get(shop.url(), "/v1/orders/" + order + "/events?limit=200");
    const auto retried = events->body.find("order.retried");
    return retried != std::string::npos && events->body.find("order.needs_attention", retried) != std::string::npos;
  }));
  const auto refused = shop.tell(order, "resolve", R"({"outcome":"completed","reason":""})");
  CHECK_EQ(refused->status, 422u);
  const auto done = shop.tell(order, "resolve", paid_in_cash);
  CHECK_EQ(done->status, 200u);
  CHECK_EQ(text_at(done->body, "/status"), "completed");
  CHECK_EQ(text_at(done->body, "/payment_status"), "voided");
  CHECK_EQ(text_at(done->body, "/reason"), "paid in cash");
  CHECK_EQ(shop.tell(order, "resolve", paid_in_cash)->status, 200u);
  CHECK_EQ(shop.tell(order, "retry", {})->status, 409u);
  const auto events = get(shop.url(), "/v1/orders/" + order + "/events?limit=200");
  CHECK(events->body.find("order.resolved") != std::string::npos);
  CHECK(events->body.find("\"kind\":\"admin\"") != std::string::npos);
  CHECK(get(shop.url(), "/v1/products/" + product)->body.find("\"on_hand\":9,\"reserved\":0") != std::string::npos);
  shop.end();
}

SCENARIO("an order that was given up too early is completed by a retry, and charged once") {
  // The provider mostly takes longer than the deadline: the requested operation happens nevertheless.
  embedded_shop shop{{"--order-request-timeout=40ms", "--payment-provider-timeout=40ms", "--order-settle-deadline=60ms",
                      "--provider-shortest-delay=0ms", "--provider-longest-delay=200ms"}};
  const auto product = shop.make_product(10);
  std::string order;
  for (int i = 0; i < 10 && order.empty(); ++i) {
    const auto placed = shop.place(product, "tok_ok");
    std::string status;
    REQUIRE(eventually([&] {
      status = shop.status_of(placed);
      return status == "needs_attention" || status == "completed" || status == "rejected" || status == "cancelled";
    }));
    if (status == "needs_attention")
      order = placed;
  }
  REQUIRE(!order.empty());
  CHECK(eventually([&] {
    if (shop.status_of(order) == "needs_attention")
      shop.tell(order, "retry", R"({"reason":"the bank is slow today"})");
    return shop.status_of(order) == "completed";
  }));
  shop.end();
}

SCENARIO("the shell shows why an order needs attention and the possible actions, and carries one out") {
  embedded_shop shop;
  const auto product = shop.make_product(10);
  const auto order = shop.place(product, "tok_capture_fails");
  REQUIRE(shop.reaches(order, "needs_attention"));
  const auto shown = shop.shell("order " + order, "table");
  CHECK_EQ(shown.code, std::optional<int>{0});
  for (const auto& part :
       {std::string{"capture_failed"}, "retry " + order, "resolve " + order + " --outcome completed"})
    CHECK(shown.out.find(part) != std::string::npos);
  CHECK_EQ(shop.shell("retry " + order).code, std::optional<int>{0});
  REQUIRE(shop.reaches(order, "needs_attention"));
  const auto done = shop.shell("resolve " + order + " --outcome cancelled --reason \"the goods came back\"");
  CHECK_EQ(done.code, std::optional<int>{0});
  CHECK_EQ(text_at(done.out, "/status"), "cancelled");
  CHECK_EQ(done.out.find("tok_"), std::string::npos);
  CHECK_EQ(shop.shell("retry " + order).code, std::optional<int>{1});
  CHECK_EQ(shop.shell("retry ord_00000000000000000000").code, std::optional<int>{3});
  CHECK(get(shop.url(), "/v1/orders/" + order + "/events?limit=200")->body.find("the goods came back")
        != std::string::npos);
  shop.end();
}
