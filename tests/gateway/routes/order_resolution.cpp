#include "tests/gateway/support/support.hpp"

#define CAF_SUITE gateway.order_resolution
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::test;

namespace {

struct stuck : fixture {
  stuck() {
    path = send("POST", "/v1/orders", order_body(add_product())).header("Location");
    std::lock_guard guard{state->mutex};
    auto& order = state->orders.begin()->second;
    order.status = order::status::needs_attention;
    order.version = 7;
  }

  std::string path;
};

constexpr auto by_hand = R"({"outcome":"completed","reason":"paid in cash"})";

} // namespace

SCENARIO("a retry is answered with the continuing order; it needs no body and may give a reason") {
  stuck f;
  CHECK_EQ(f.send("POST", f.path + "/retry", {}, {{"If-Match", "\"6\""}}).status, 412u);
  const auto goes_on = f.send("POST", f.path + "/retry", R"({"reason":"the bank is back"})", {{"If-Match", "\"7\""}});
  CHECK_EQ(goes_on.status, 200u);
  CHECK_EQ(goes_on.text("status"), "fulfilling");
  CHECK_EQ(goes_on.header("ETag"), "\"8\"");
  const auto again = f.send("POST", f.path + "/retry");
  CHECK_EQ(again.status, 409u);
  CHECK_EQ(again.text("code"), "illegal_transition");
  REQUIRE_EQ(f.state->retries.size(), 3u);
  CHECK_EQ(f.state->retries[1].reason, "the bank is back");
  CHECK_EQ(f.state->retries[1].expected_version, 7u);
  CHECK_EQ(f.state->retries[1].origin.by_kind, "admin");
  CHECK(!f.state->retries[1].origin.by_id.empty());
}

SCENARIO("each request to retry is a new intent, requests under one key are the same") {
  stuck f;
  for (const header_list& headers :
       {header_list{}, header_list{}, header_list{{"Idempotency-Key", "k"}}, header_list{{"Idempotency-Key", "\"k\""}}})
    f.send("POST", f.path + "/retry", {}, headers);
  REQUIRE_EQ(f.state->retries.size(), 4u);
  CHECK_NE(f.state->retries[0].intent, f.state->retries[1].intent);
  CHECK_NE(f.state->retries[1].intent, f.state->retries[2].intent);
  CHECK_EQ(f.state->retries[2].intent, f.state->retries[3].intent);
}

SCENARIO("a resolution takes an outcome and a reason and is answered with the ended order") {
  stuck f;
  const auto over = f.send("POST", f.path + "/resolve", by_hand, {{"If-Match", "\"7\""}});
  CHECK_EQ(over.status, 200u);
  CHECK_EQ(over.text("status"), "completed");
  REQUIRE_EQ(f.state->resolutions.size(), 1u);
  CHECK_EQ(f.state->resolutions[0].reason, "paid in cash");
  CHECK_EQ(f.state->resolutions[0].origin.by_kind, "admin");
  CHECK_EQ(f.send("POST", f.path + "/resolve", by_hand).status, 409u);
  CHECK_EQ(f.send("POST", f.path + "/resolve", by_hand, {{"If-Match", "\"1\""}}).status, 412u);
}

SCENARIO("a resolution without a reason or with another outcome is refused, and names the member") {
  stuck f;
  for (const auto& [body, pointer] : {std::pair{R"({"outcome":"completed"})", "/reason"},
                                      {R"({"reason":"x"})", "/outcome"},
                                      {R"({"outcome":"rejected","reason":"x"})", "/outcome"},
                                      {R"({"outcome":"completed","reason":""})", "/reason"},
                                      {R"({"outcome":"completed","reason":"x","by":"me"})", "/by"}}) {
    const auto refused = f.send("POST", f.path + "/resolve", body);
    CHECK_EQ(refused.status, 422u);
    CHECK_EQ(refused.json().at("errors").at(0).at("pointer").as_string(), pointer);
  }
  CHECK_EQ(f.send("POST", f.path + "/retry", R"({"why":"x"})").status, 422u);
  CHECK(f.state->resolutions.empty());
  CHECK(f.state->retries.empty());
}

SCENARIO("an order that does not exist can be neither retried nor resolved") {
  stuck f;
  for (const auto* id : {"ord_00000000000000000000", "nonsense"}) {
    const auto other = std::string{"/v1/orders/"} + id;
    CHECK_EQ(f.send("POST", other + "/retry").status, 404u);
    CHECK_EQ(f.send("POST", other + "/resolve", by_hand).status, 404u);
  }
  CHECK_EQ(f.send("GET", f.path + "/retry").status, 405u);
}
