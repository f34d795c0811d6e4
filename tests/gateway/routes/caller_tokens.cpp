#include "domain/octets/octets.hpp"
#include "tests/gateway/support/tokens.hpp"

#include <mutex>
#include <string>

#define CAF_SUITE gateway.caller_tokens
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::test;

// Which tokens are valid, and which user a caller without a token is.

SCENARIO("a service key has the rights of its roles until it is revoked or expires") {
  token_maker maker;
  auto gateway = guarded_gateway(maker);
  const auto add = [&](const std::string& token, const std::string& roles) -> service_key_row& {
    const std::lock_guard guard{gateway->state->mutex};
    auto& key = gateway->state->keys[sha256_hex(token)];
    key.id = "key_" + std::string(19, '0') + std::to_string(gateway->state->keys.size());
    key.roles = roles;
    return key;
  };
  add("wbk_admin", "admin");
  add("wbk_customer", "customer");
  add("wbk_revoked", "admin").revoked_at = now();
  add("wbk_ended", "admin").expires_at = now();
  const auto status = [&](const std::string& token) {
    return gateway->send("GET", "/v1/users", "", bearer(token)).status;
  };
  CHECK_EQ(status("wbk_admin"), 200u);
  CHECK_EQ(status("wbk_customer"), 403u);
  CHECK_EQ(status("wbk_revoked"), 401u);
  CHECK_EQ(status("wbk_ended"), 401u);
  CHECK_EQ(status("wbk_nobody"), 401u);
  CHECK_EQ(gateway->send("GET", "/v1/me", "", bearer("wbk_customer")).text("kind"), "service");
}

SCENARIO("without required authentication a caller without a token is the demo user, and a bad token is refused") {
  token_maker maker;
  fixture gateway{{}, [&](gateway_services& services) { services.keys = maker.ring; }};
  CHECK_EQ(gateway.send("GET", "/v1/users").status, 200u);
  CHECK_EQ(gateway.send("GET", "/v1/me").text("kind"), "admin");
  CHECK_EQ(gateway.send("GET", "/v1/users", "", bearer("nonsense")).status, 401u);
  CHECK_EQ(gateway.send("GET", "/v1/users", "", bearer(maker.token("usr_00000000000000000001", {"customer"}))).status,
           403u);
}

SCENARIO("tokens of a removed signing key are refused from then on") {
  token_maker maker;
  auto gateway = guarded_gateway(maker);
  const auto token = maker.token("usr_00000000000000000001", {"admin"});
  CHECK_EQ(gateway->send("GET", "/v1/users", "", bearer(token)).status, 200u);
  maker.ring->replace(token_maker{}.keys);
  CHECK_EQ(gateway->send("GET", "/v1/users", "", bearer(token)).status, 401u);
  CHECK_NE(gateway->send("GET", "/metrics").body.find("waybill_tokens_refused_total{reason=\"unknown_key\"} 1"),
           std::string::npos);
}

SCENARIO("the public keys can be cached for a while") {
  token_maker maker;
  auto gateway = guarded_gateway(maker);
  const auto keys = gateway->send("GET", "/.well-known/jwks.json");
  CHECK_EQ(keys.header("Content-Type"), "application/jwk-set+json");
  CHECK_EQ(keys.header("Cache-Control"), "public, max-age=300");
  CHECK_EQ(keys.json().at("keys").at(0).at("kid").as_string(), maker.keys->signer(now()).kid());
}
