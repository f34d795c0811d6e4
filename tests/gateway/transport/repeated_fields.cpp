#include "tests/gateway/support/tokens.hpp"

#include "gateway/http/header_fields.hpp"

#define CAF_SUITE gateway.repeated_fields
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::test;

// Several lines of a field are one list (RFC 9110, section 5.3), or they are refused.

namespace {

rate_settings few_writes() {
  rate_settings how;
  how.writes = {2, std::chrono::minutes{1}};
  return how;
}

} // namespace

SCENARIO("B4: a repeated single-value header is refused, and repeated list headers are joined") {
  fixture f;
  for (const auto& rule : http::field_rules) {
    if (rule.id == http::field::host || rule.id == http::field::authorization)
      continue;
    MESSAGE(rule.name);
    const auto got =
      f.send("GET", "/version", "", {{std::string{rule.name}, "\"1\""}, {std::string{rule.name}, "\"1\""}});
    CHECK_EQ(got.status, rule.several == http::lines::refused ? 400u : 200u);
    if (rule.several == http::lines::refused) {
      CHECK_EQ(got.text("code"), "validation_failed");
      CHECK(got.text("detail").starts_with(rule.name));
    }
  }
}

SCENARIO("B4: header names are compared without case, and an empty value counts as a line") {
  http::header_fields fields;
  fields.add("if-MATCH", "");
  CHECK(fields.has(http::field::if_match));
  fields.add("If-Match", "\"1\"");
  CHECK_EQ(fields[http::field::if_match], ", \"1\"");
  CHECK_EQ(fields.repeated(), "");
  fields.add("Content-Type", "");
  fields.add("content-type", "application/json");
  CHECK_EQ(fields.repeated(), "Content-Type");
  fields.add("X-Nobody-Reads", "1");
  const auto copy = fields;
  CHECK_EQ(copy[http::field::if_match], ", \"1\"");
}

SCENARIO("B4: a client's own Forwarded line does not choose the rate-limit bucket") {
  const auto both = [](const std::string& name, const std::string& mine, const std::string& proxys) {
    return header_list{{name, mine}, {name, proxys}};
  };
  for (const auto kind : {forwarded_header::x_forwarded_for, forwarded_header::forwarded}) {
    fixture f{[&](gateway_config& config) {
      config.limit_loopback = true;
      config.rates = few_writes();
      config.trusted_proxies = {"127.0.0.0/8"};
      config.forwarded_by = kind;
    }};
    const bool standard = kind == forwarded_header::forwarded;
    const std::string name = standard ? "Forwarded" : "X-Forwarded-For";
    const std::string front = standard ? "for=" : "";
    int let_in = 0;
    for (int i = 0; i < 10; ++i)
      let_in +=
        f.send("POST", "/v1/orders", "{}", both(name, front + "9.9.9." + std::to_string(i), front + "203.0.113.8"))
              .status
            != 429
          ? 1
          : 0;
    CHECK_EQ(let_in, 2);
  }
}

SCENARIO("B4: conditions in several header lines are one list") {
  fixture f;
  const auto made = placed_order("ord_00000000000000000001");
  f.state->orders[made.id.value] = made;
  const std::string path = "/v1/orders/" + made.id.value;
  CHECK_EQ(f.send("GET", path, "", {{"If-None-Match", "\"999\""}, {"If-None-Match", "\"1\""}}).status, 304u);
  CHECK_EQ(
    f.send("POST", path + "/cancel", R"({"reason":"x"})", {{"If-Match", "\"998\""}, {"If-Match", "\"999\""}}).status,
    412u);
}
