#include "domain/base/errors.hpp"
#include "domain/octets/octets.hpp"
#include "tests/gateway/support/tokens.hpp"

#define CAF_SUITE gateway.account_check
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::test;

// A request whose effect outlives the access token is checked against the account, not the token.

namespace {

const std::string boss = "usr_0000000000000000000b";

struct attempt {
  std::string method;
  std::string path;
  std::string body;
};

/// Requests by which a disabled user would regain access, or leave something behind.
const std::vector<attempt> lasting{
  {"PATCH", "/v1/users/" + boss, R"({"disabled":false})"},
  {"PATCH", "/v1/users/usr_00000000000000000001", R"({"roles":["admin"]})"},
  {"POST", "/v1/users", R"({"email":"eve@example.com","name":"Eve","roles":["admin"]})"},
  {"POST", "/v1/users/usr_00000000000000000001/password-reset", ""},
  {"GET", "/v1/users", ""},
  {"GET", "/v1/users/usr_00000000000000000001", ""},
  {"POST", "/v1/service-keys", R"({"name":"till","roles":["admin"]})"},
  {"GET", "/v1/service-keys", ""},
  {"DELETE", "/v1/service-keys/key_00000000000000000001", ""},
  {"POST", "/v1/webhook-endpoints", R"({"url":"https://a.example/","types":["*"]})"},
  {"PATCH", "/v1/webhook-endpoints/whk_00000000000000000001", R"({"status":"enabled"})"},
  {"DELETE", "/v1/webhook-endpoints/whk_00000000000000000001", ""},
  {"POST", "/v1/webhook-endpoints/whk_00000000000000000001/rotate-secret", ""},
  {"POST", "/v1/orders/ord_00000000000000000001/refunds", R"({"reason":"mine"})"},
  {"POST", "/v1/orders/ord_00000000000000000001/resolve", R"({"outcome":"completed","reason":"x"})"},
  {"POST", "/v1/orders/ord_00000000000000000001/retry", ""},
};

struct scene {
  scene() { account().roles = {"customer", "operator", "admin"}; }

  user_view& account() {
    auto& made = gateway->state->users[boss];
    made.id = user_id{boss};
    made.version = 1;
    return made;
  }

  unsigned status_of(const attempt& attempt, const std::string& with) {
    return gateway->send(attempt.method, attempt.path, attempt.body, bearer(with)).status;
  }

  token_maker maker;
  std::unique_ptr<fixture> gateway = guarded_gateway(maker);
  std::string token = maker.token(boss, {"customer", "operator", "admin"});
};

} // namespace

SCENARIO("B2: a disabled, deleted or demoted user makes no lasting change with an earlier token") {
  scene s;
  for (const auto& attempt : lasting) {
    MESSAGE(attempt.method << ' ' << attempt.path);
    const auto before = s.status_of(attempt, s.token);
    CHECK(before != 401u && before != 403u);
    s.account().disabled = true;
    CHECK_EQ(s.status_of(attempt, s.token), 401u);
    s.account().disabled = false;
    s.account().roles = {"customer"};
    CHECK_EQ(s.status_of(attempt, s.token), 403u);
    s.account().roles = {"customer", "operator", "admin"};
    s.gateway->state->account_failure = ec::not_found;
    CHECK_EQ(s.status_of(attempt, s.token), 401u);
    s.gateway->state->account_failure = ec::none;
  }
}

SCENARIO("B2: when the account cannot be read the answer is 503, and nothing is allowed") {
  scene s;
  s.gateway->state->account_failure = ec::unavailable;
  for (const auto& attempt : lasting)
    CHECK_EQ(s.status_of(attempt, s.token), 503u);
  // Requests without a lasting effect continue.
  CHECK_EQ(s.gateway->send("GET", "/v1/orders", "", bearer(s.token)).status, 200u);
}

SCENARIO("B2: a user who was disabled cannot read or change their own account") {
  scene s;
  const attempt show{"GET", "/v1/me", ""};
  const attempt change{"PATCH", "/v1/me", R"({"name":"Ann"})"};
  CHECK_EQ(s.status_of(show, s.token), 200u);
  CHECK_EQ(s.status_of(change, s.token), 200u);
  s.account().disabled = true;
  CHECK_EQ(s.status_of(show, s.token), 401u);
  CHECK_EQ(s.status_of(change, s.token), 401u);
}

SCENARIO("B2: a role that a token does not have is not given by the account") {
  scene s;
  const auto weak = s.maker.token(boss, {"customer"});
  CHECK_EQ(s.status_of({"GET", "/v1/users", ""}, weak), 403u);
}

SCENARIO("B2: a revoked service key makes no other key, even while its roles are cached") {
  scene s;
  const std::string token = "wbk_admin";
  auto& key = s.gateway->state->keys[sha256_hex(token)];
  key.id = "key_00000000000000000001";
  key.roles = "admin";
  const attempt make{"POST", "/v1/service-keys", R"({"name":"till","roles":["admin"]})"};
  CHECK_EQ(s.status_of({"GET", "/v1/service-keys", ""}, token), 200u);
  {
    const std::lock_guard guard{s.gateway->state->mutex};
    key.revoked_at = now();
  }
  CHECK_EQ(s.gateway->send("GET", "/v1/orders", "", bearer(token)).status, 200u);
  CHECK_EQ(s.status_of(make, token), 401u);
  CHECK_EQ(s.status_of({"GET", "/v1/service-keys", ""}, token), 401u);
}
