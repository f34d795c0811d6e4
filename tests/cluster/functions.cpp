#include "tests/support/eventually.hpp"
#include "tests/support/role_cluster.hpp"

#define CAF_SUITE cluster.functions
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::test;

namespace {

outbound::http_result send(role_cluster& shop, std::string method, std::string target, std::string body) {
  outbound::api_request request;
  request.method = std::move(method);
  request.target = std::move(target);
  request.body = std::move(body);
  return call(shop.url(), std::move(request));
}

/// The status and the body of a call.
std::string invoke(role_cluster& shop, const std::string& name, const std::string& input) {
  const auto answer = send(shop, "POST", "/v1/functions/" + name + "/invoke", input);
  return answer ? std::to_string(answer->status) + ' ' + answer->body : answer.error().detail;
}

void put(role_cluster& shop, const std::string& name, const std::string& source) {
  const auto answer = send(shop, "PUT", "/v1/functions/" + name, R"({"source":")" + source + "\"}");
  CAF_REQUIRE(answer && (answer->status == 200 || answer->status == 201));
}

} // namespace

SCENARIO("functions run where the role is, and go on at another node, with all they were, when theirs is killed") {
  role_cluster shop;
  const auto refused = send(shop, "POST", "/v1/functions/calculate-total/invoke", R"({"items":[]})");
  REQUIRE(refused.has_value());
  CHECK_EQ(refused->status, 503u);
  shop.add("function-1", "function");
  shop.add("function-2", "function");
  CHECK(eventually([&] {
    return invoke(shop, "calculate-total", R"({"items":[{"price":7,"quantity":3}]})") == R"(200 {"result":21})";
  }));
  put(shop, "double", "return input + input");
  put(shop, "double", "return 2 * input");
  CHECK_EQ(invoke(shop, "double", "21"), R"(200 {"result":42})");
  const auto shown = get(shop.url(), "/v1/actors/function/fun_double");
  REQUIRE(shown.has_value());
  const auto owner = text_at(shown->body, "/node");
  REQUIRE(owner == "function-1" || owner == "function-2");
  shop.node(owner).kill();
  CHECK(eventually([&] { return invoke(shop, "double", "21") == R"(200 {"result":42})"; }));
  const auto versions = get(shop.url(), "/v1/functions/double/versions");
  REQUIRE(versions.has_value());
  CHECK_EQ(text_at(versions->body, "/items/0/source"), "return 2 * input");
  CHECK_EQ(text_at(versions->body, "/items/1/source"), "return input + input");
  for (const auto& [name, code] : shop.stop())
    if (name != owner)
      CHECK_EQ(code, std::optional<int>{0});
  CHECK_EQ(shop.check().text(), "");
}
