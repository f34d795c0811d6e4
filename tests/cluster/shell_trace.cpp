#include "tests/support/eventually.hpp"
#include "tests/support/role_cluster.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <fstream>
#include <sstream>
#include <string_view>

#define CAF_SUITE cluster.shell_trace
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::test;

namespace {

namespace json = boost::json;

/// Its last line may not be whole yet.
std::vector<json::value> lines_in(const std::string& file) {
  std::ifstream input{file};
  std::vector<json::value> lines;
  boost::system::error_code trouble;
  for (std::string line; std::getline(input, line);)
    if (auto value = json::parse(line, trouble); !trouble)
      lines.push_back(std::move(value));
  return lines;
}

bool is(const json::value& line, std::string_view member, std::string_view text) {
  const auto& value = line.at(member);
  return value.is_string() && std::string_view{value.as_string()} == text;
}

/// An order that waits to be paid.
std::string place_deferred(const std::string& url, const std::string& product) {
  const auto made =
    call(url, {"POST",
               "/v1/orders",
               {{"Prefer", "wait=20"}},
               R"({"lines":[{"product_id":")" + product + R"(","quantity":1}],"payment":{"method":"deferred"},)"
                 + R"("delivery":{"name":"Ada","address":"Quay Street 1 [couriers: complete]"}})"});
  CAF_REQUIRE(made.has_value());
  CAF_REQUIRE_EQUAL(made->status, 201u);
  return text_at(made->body, "/id");
}

} // namespace

SCENARIO("whoever traces an order sees its messages on all nodes until its end, and leaves nothing behind") {
  role_cluster shop{with_options(quick_settings(), reliable_couriers())};
  const auto products = stock_products(shop.url());
  const auto order = place_deferred(shop.url(), products.front());
  CHECK(
    eventually([&] { return text_at(get(shop.url(), "/v1/orders/" + order)->body, "/payment_status") == "awaiting"; }));
  const temp_folder folder;
  // Any node can be asked.
  child_process shell{{waybill_binary(), "shell", "--connect=" + shop.node("notification").listen_address(), "-c",
                       "trace " + order, "-o", "jsonl"},
                      folder / "out",
                      folder / "err"};
  REQUIRE(eventually([&] { return !lines_in(folder / "out").empty(); }));
  CHECK_EQ(std::string_view{lines_in(folder / "out").front().at("detail").as_string()}.substr(0, 15),
           "waits for payer");
  const auto paid =
    call(shop.url(), {"POST", "/v1/orders/" + order + "/payment", {}, R"({"method":"card","token":"tok_ok"})"});
  CHECK_EQ(paid->status, 202u);
  CHECK_EQ(shell.wait(std::chrono::seconds{60}), std::optional<int>{0});
  const auto lines = lines_in(folder / "out");
  const auto find = [&](std::string_view kind, std::string_view name) {
    const auto found = std::ranges::find_if(
      lines, [&](const json::value& line) { return is(line, "kind", kind) && is(line, "name", name); });
    if (found == lines.end())
      CAF_FAIL("there is no " << kind << ' ' << name);
    return *found;
  };
  const auto sent = [&](std::string_view name, std::string_view node, std::string_view from_node) {
    const auto line = find("message", name);
    CHECK(is(line, "node", node));
    if (from_node.empty())
      CHECK(line.at("from_node").is_null());
    else
      CHECK(is(line, "from_node", from_node));
  };
  sent("pay_order", "order-1", "gateway-1");
  sent("authorize_payment", "payment-1", "order-1");
  sent("provider_request", "payment-1", "");
  sent("request_delivery", "delivery-1", "order-1");
  sent("delivery_ended", "order-1", "delivery-1");
  sent("commit_stock", "inventory-1", "order-1");
  CHECK(is(find("message", "authorize_payment"), "from", order));
  CHECK(is(find("answer", "authorize_payment"), "node", "order-1"));
  CHECK(is(find("answer", "authorize_payment"), "outcome", "ok"));
  CHECK(is(find("event", "order.completed"), "to", order));
  CHECK(is(lines.back(), "kind", "end"));
  CHECK(is(lines.back(), "name", "completed"));
  // An order that is over ends its trace at once, and one that does not exist has none.
  const auto over = run_waybill({"shell", "--connect=" + shop.node("order").listen_address(), "-c", "trace " + order});
  CHECK_EQ(over.code, std::optional<int>{0});
  CHECK(over.out.find("nothing is under way") != std::string::npos);
  CHECK_EQ(
    run_waybill({"shell", "--connect=" + shop.node("order").listen_address(), "-c", "trace ord_00000000000000000000"})
      .code,
    std::optional<int>{3});
  for (const auto& [name, code] : shop.stop())
    CHECK_EQ(code, std::optional<int>{0});
}
