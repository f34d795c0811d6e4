#include "tests/gateway/support/tokens.hpp"

#include <string>
#include <vector>

#define CAF_SUITE gateway.conditions
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::test;

// Conditional requests by RFC 9110, section 13, for every method.

namespace {

struct scene {
  scene() {
    product = gateway.add_product();
    path = "/v1/products/" + product.value;
    tag = gateway.send("GET", path).header("ETag");
  }

  unsigned status(std::string_view method, const header_list& headers) {
    const bool change = method == "PATCH";
    return gateway.send(method, path, change ? R"({"name":"Tea"})" : "", headers).status;
  }

  fixture gateway;
  product_id product;
  std::string path;
  std::string tag;
};

} // namespace

SCENARIO("C1: If-Match holds when one of its tags is the present one, for reading and for changing") {
  for (const std::string_view method : {"GET", "HEAD", "PATCH", "DELETE"}) {
    MESSAGE(method);
    scene s;
    const auto miss = s.status(method, {{"If-Match", R"("999")"}});
    CHECK_EQ(miss, 412u);
    CHECK_EQ(s.status(method, {{"If-Match", R"("998", "999")"}}), 412u);
    CHECK_EQ(s.status(method, {{"If-Match", "W/" + s.tag}}), 412u);
    CHECK_EQ(s.status(method, {{"If-Match", "W/" + s.tag + R"(, "998")"}}), 412u);
    const auto good = method == "DELETE" ? 204u : 200u;
    CHECK_EQ(s.status(method, {{"If-Match", R"("999", )" + s.tag}}), good);
  }
  scene s;
  CHECK_EQ(s.status("PATCH", {{"If-Match", "*"}}), 200u);
}

SCENARIO("C1: If-None-Match refuses a change of the version that it names, and is evaluated after If-Match") {
  scene s;
  for (const std::string& named : {std::string{"*"}, s.tag, "W/" + s.tag, R"("999", )" + s.tag}) {
    CHECK_EQ(s.status("PATCH", {{"If-None-Match", named}}), 412u);
    CHECK_EQ(s.status("DELETE", {{"If-None-Match", named}}), 412u);
    CHECK_EQ(s.status("GET", {{"If-None-Match", named}}), 304u);
    CHECK_EQ(s.status("HEAD", {{"If-None-Match", named}}), 304u);
    CHECK_EQ(s.status("GET", {{"If-None-Match", named}, {"If-Match", R"("999")"}}), 412u);
  }
  CHECK_EQ(s.status("PATCH", {{"If-None-Match", R"("999")"}, {"If-Match", s.tag}}), 200u);
  CHECK_EQ(s.status("PATCH", {{"If-None-Match", R"("999")"}}), 200u);
}

SCENARIO("C1: conditions are ignored for resources that do not exist, and for lists") {
  scene s;
  const header_list never{{"If-None-Match", "*"}};
  CHECK_EQ(s.gateway.send("PATCH", "/v1/products/prd_00000000000000000000", R"({"name":"x"})", never).status, 404u);
  CHECK_EQ(s.gateway.send("POST", "/v1/orders", order_body(s.product), never).status, 201u);
  CHECK_EQ(s.gateway.send("GET", "/v1/orders", "", never).status, 200u);
}

SCENARIO("C1: a command's If-Match is compared with the tag of its resource") {
  fixture f;
  const auto made = placed_order("ord_00000000000000000001");
  f.state->orders[made.id.value] = made;
  const std::string path = "/v1/orders/" + made.id.value;
  const auto cancel = [&](const header_list& headers) {
    return f.send("POST", path + "/cancel", R"({"reason":"x"})", headers).status;
  };
  CHECK_EQ(cancel({{"If-None-Match", "*"}}), 412u);
  CHECK_EQ(cancel({{"If-Match", R"("8", "9")"}}), 412u);
  CHECK(f.state->cancels.empty());
  CHECK_EQ(cancel({{"If-Match", R"("8", "1")"}}), 202u);
  CHECK_EQ(f.state->cancels.back().expected_version, 1u);
}

SCENARIO("C1: If-Match is evaluated for every kind of command") {
  fixture f;
  const auto delivery = make_id<delivery_id>().value;
  const std::string user = "usr_00000000000000000001";
  {
    const std::lock_guard guard{f.state->mutex};
    auto& under_way = f.state->deliveries[delivery];
    under_way.id = delivery_id{delivery};
    under_way.status = delivery::status::offered;
    under_way.version = 3;
    auto& account = f.state->users[user];
    account.id = user_id{user};
    account.version = 3;
  }
  std::vector<std::string> commands{"/v1/users/" + user + "/password-reset"};
  for (const auto* act : {"accept", "decline", "start", "complete", "abort"})
    commands.push_back("/v1/deliveries/" + delivery + '/' + act);
  for (const auto& command : commands) {
    MESSAGE(command);
    CHECK_EQ(f.send("POST", command, "{}", {{"If-Match", "\"999\""}}).status, 412u);
    CHECK_EQ(f.send("POST", command, "{}", {{"If-Match", "\"998\", \"999\""}}).status, 412u);
    CHECK_EQ(f.send("POST", command, "{}", {{"If-None-Match", "*"}}).status, 412u);
  }
}

SCENARIO("C1: a merge patch merges objects into the present ones, and null removes a member") {
  scene s;
  s.gateway.state->products[s.product.value].price = {500, "EUR"};
  const auto patch = [&](std::string_view body, const header_list& headers = {}) {
    return s.gateway.send("PATCH", s.path, body, headers);
  };
  CHECK_EQ(patch(R"({"price":{"amount":700}})").status, 200u);
  CHECK_EQ(s.gateway.state->changed_prices.back().amount, 700);
  CHECK_EQ(s.gateway.state->changed_prices.back().currency, "EUR");
  CHECK_EQ(patch(R"({"price":{"amount":700}})", {{"If-Match", "\"1\""}}).status, 412u);
  CHECK_EQ(patch(R"({"price":{}})").status, 200u);
  for (const std::string_view kept : {R"({"name":null})", R"({"price":null})", R"({"price":{"amount":null}})"})
    CHECK_EQ(patch(kept).status, 422u);
  fixture f;
  const auto made = placed_order("ord_00000000000000000001");
  f.state->orders[made.id.value] = made;
  const std::string order = "/v1/orders/" + made.id.value;
  CHECK_EQ(f.send("PATCH", order, R"({"delivery":{"address":"2 Side Street"},"note":null})").status, 200u);
  REQUIRE(f.state->changes.back().delivery.has_value());
  CHECK_EQ(f.state->changes.back().delivery->name, "Ada");
  CHECK_EQ(f.state->changes.back().delivery->address, "2 Side Street");
  CHECK_EQ(f.state->changes.back().note.value_or("kept"), "");
  CHECK_EQ(f.state->changes.back().expected_version, made.version);
}

SCENARIO("C1: a body of an unsupported type is answered with the supported types") {
  scene s;
  const auto sent = [&](std::string_view method, const header_list& headers) {
    return s.gateway.send(method, method == "POST" ? "/v1/products" : s.path, "{}", headers);
  };
  CHECK_EQ(sent("POST", {{"Content-Type", "text/plain"}}).header("Accept"), "application/json");
  CHECK_EQ(sent("PATCH", {{"Content-Type", "text/plain"}}).header("Accept-Patch"),
           "application/merge-patch+json, application/json");
  CHECK_EQ(sent("PATCH", {{"Content-Type", "Application/Merge-Patch+JSON; charset=utf-8"}}).status, 200u);
  CHECK_EQ(sent("POST", {{"Content-Encoding", "gzip"}}).header("Accept-Encoding"), "identity");
  CHECK_EQ(sent("POST", {{"Content-Encoding", "identity, br"}}).status, 415u);
}
