#include "tests/support/eventually.hpp"
#include "tests/support/node_process.hpp"
#include "tests/support/person.hpp"
#include "tests/support/temp_folder.hpp"

#include <fstream>

#define CAF_SUITE cluster.accounts
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::test;

// A node that demands tokens, from the first admin to an order and back, as clients see it.

namespace {

/// Cheap hashes: their cost is not tested here.
std::vector<std::string> settings(const temp_folder& folder) {
  return {"--store=sqlite:" + (folder / "waybill.db"), "--auth=required",           "--admin-email=boss@shop.example",
          "--admin-password=correct horse battery",    "--password-memory=8388608", "--auth-refresh-grace=0ms"};
}

person nobody_at(const node_process& node) {
  return {node.url(), {}};
}

std::string refresh_body(const std::string& token) {
  return R"({"refresh_token":")" + token + R"("})";
}

person sign_in_admin(const person& nobody) {
  return sign_in(nobody, "boss@shop.example", "correct horse battery");
}

} // namespace

SCENARIO("customers register, order, and see nothing of each other; tokens stay valid over a restart") {
  const temp_folder folder;
  auto node = std::make_unique<node_process>(folder.path().string(), "shop", settings(folder));
  node->await_ready();
  person nobody{node->url(), {}};
  CHECK_EQ(nobody.send("GET", "/v1/orders").status, 401u);
  const auto admin = sign_in_admin(nobody);
  const auto product = make_product(admin);
  const auto registered = sign_up(nobody, "ada");
  CHECK_EQ(registered.status, 201u);
  const auto ada = nobody.with(text_at(registered.body, "/access_token"));
  const auto bob = nobody.with(text_at(sign_up(nobody, "bob").body, "/access_token"));
  const auto placed = ada.send("POST", "/v1/orders", order_for_one(product));
  REQUIRE_EQ(placed.status, 201u);
  const auto order = "/v1/orders/" + text_at(placed.body, "/id");
  CHECK_EQ(text_at(placed.body, "/customer_id"), text_at(registered.body, "/user/customer_id"));
  CHECK_EQ(ada.send("GET", order).status, 200u);
  CHECK_EQ(admin.send("GET", order).status, 200u);
  CHECK_EQ(bob.send("GET", order).status, 404u);
  CHECK_EQ(bob.send("GET", order + "/events").status, 404u);
  CHECK_EQ(bob.send("DELETE", order).status, 404u);
  CHECK_EQ(bob.send("POST", order + "/cancel", R"({"reason":"no"})").status, 404u);
  CHECK_EQ(ada.send("POST", order + "/retry").status, 403u);
  const auto first_order = [](const person& customer) {
    return text_at(customer.send("GET", "/v1/orders").body, "/items/0/id");
  };
  CHECK_EQ("/v1/orders/" + first_order(ada), order);
  CHECK_EQ(first_order(bob), "");
  CHECK_EQ("/v1/orders/" + first_order(admin), order);
  // The event names the user.
  const auto events = ada.send("GET", order + "/events").body;
  CHECK_EQ(text_at(events, "/items/0/by/id"), text_at(registered.body, "/user/id"));
  CHECK_EQ(text_at(events, "/items/0/by/kind"), "customer");
  CHECK_EQ(node->stop(), std::optional<int>{0});
  node.reset();
  node_process again{folder.path().string(), "shop", settings(folder)};
  again.await_ready();
  CHECK_EQ(nobody_at(again).with(ada.token).send("GET", order).status, 200u);
  CHECK_EQ(again.stop(), std::optional<int>{0});
  const auto log = again.log();
  for (const auto* secret : {"example.com", "a good password", "correct horse", "wbr_", "argon2"})
    CHECK_EQ(log.find(secret), std::string::npos);
}

SCENARIO("refresh tokens rotate, are valid once, and end at sign-out") {
  const temp_folder folder;
  node_process node{folder.path().string(), "shop", settings(folder)};
  node.await_ready();
  const person nobody{node.url(), {}};
  const auto registered = sign_up(nobody, "ada");
  const auto first = text_at(registered.body, "/refresh_token");
  const auto next = nobody.send("POST", "/v1/auth/refresh", refresh_body(first));
  REQUIRE_EQ(next.status, 200u);
  const auto second = text_at(next.body, "/refresh_token");
  CHECK_NE(first, second);
  CHECK_EQ(nobody.with(text_at(next.body, "/access_token")).send("GET", "/v1/me").status, 200u);
  CHECK_EQ(nobody.send("POST", "/v1/auth/refresh", refresh_body(first)).status, 401u);
  CHECK_EQ(nobody.send("POST", "/v1/auth/refresh", refresh_body(second)).status, 401u);
  const auto again = nobody.send("POST", "/v1/auth/login", credentials("Ada@Example.com", "a good password"));
  REQUIRE_EQ(again.status, 200u);
  const auto third = text_at(again.body, "/refresh_token");
  CHECK_EQ(nobody.send("POST", "/v1/auth/logout", refresh_body(third)).status, 204u);
  CHECK_EQ(nobody.send("POST", "/v1/auth/logout", refresh_body("wbr_nonsense")).status, 204u);
  CHECK_EQ(nobody.send("POST", "/v1/auth/refresh", refresh_body(third)).status, 401u);
  CHECK_EQ(nobody.send("POST", "/v1/auth/refresh", refresh_body("wbr_nonsense")).status, 401u);
  CHECK_EQ(node.stop(), std::optional<int>{0});
}

SCENARIO("a wrong password and an unknown user are answered with the same words") {
  const temp_folder folder;
  node_process node{folder.path().string(), "shop", settings(folder)};
  node.await_ready();
  const person nobody{node.url(), {}};
  CHECK_EQ(sign_up(nobody, "ada").status, 201u);
  CHECK_EQ(sign_up(nobody, "ADA").status, 409u);
  const auto detail = [&](const std::string& email) {
    const auto answer = nobody.send("POST", "/v1/auth/login", credentials(email, "a bad password"));
    CHECK_EQ(answer.status, 401u);
    CHECK_EQ(std::string{answer.header("WWW-Authenticate")}, R"(Bearer realm="waybill")");
    return text_at(answer.body, "/detail");
  };
  CHECK_EQ(detail("ada@example.com"), detail("eve@example.com"));
  CHECK_EQ(detail("ada@example.com"), detail("no address"));
  const auto bad = nobody.send("POST", "/v1/auth/register", R"({"email":"x","password":"short","name":""})");
  CHECK_EQ(bad.status, 422u);
  for (const auto* pointer : {"/email", "/password", "/name"})
    CHECK_NE(bad.body.find("\"pointer\":\"" + std::string{pointer} + '"'), std::string::npos);
  const auto metrics = nobody.send("GET", "/metrics").body;
  CHECK_NE(metrics.find("waybill_logins_total{outcome=\"failed\"} 4"), std::string::npos);
  CHECK_EQ(node.stop(), std::optional<int>{0});
}

SCENARIO("an admin makes operators and service keys, and revokes both") {
  const temp_folder folder;
  auto words = settings(folder);
  words.emplace_back("--auth-service-key-memory=0ms");
  node_process node{folder.path().string(), "shop", words};
  node.await_ready();
  const person nobody{node.url(), {}};
  const auto admin = sign_in_admin(nobody);
  const auto registered = sign_up(nobody, "ada");
  const auto user = "/v1/users/" + text_at(registered.body, "/user/id");
  CHECK_EQ(admin.send("PATCH", user, R"({"roles":["customer","operator"]})").status, 200u);
  const auto refreshed =
    nobody.send("POST", "/v1/auth/refresh", refresh_body(text_at(registered.body, "/refresh_token")));
  const auto ada = nobody.with(text_at(refreshed.body, "/access_token"));
  CHECK_EQ(ada.send("GET", "/v1/scenarios").status, 200u);
  CHECK_EQ(ada.send("GET", "/v1/users").status, 403u);
  CHECK_EQ(text_at(admin.send("GET", "/v1/users?email=ADA@example.com").body, "/items/0/id"), user.substr(10));
  CHECK_EQ(admin.send("PATCH", user, R"({"disabled":true})").status, 200u);
  CHECK_EQ(nobody.send("POST", "/v1/auth/login", credentials("ada@example.com", "a good password")).status, 401u);
  const auto me = text_at(admin.send("GET", "/v1/me").body, "/id");
  CHECK_EQ(admin.send("PATCH", "/v1/users/" + me, R"({"roles":["customer"]})").status, 409u);

  const auto made = admin.send("POST", "/v1/service-keys", R"({"name":"till","roles":["admin"]})");
  REQUIRE_EQ(made.status, 201u);
  const auto token = text_at(made.body, "/token");
  CHECK(token.starts_with("wbk_"));
  const auto till = nobody.with(token);
  CHECK_EQ(till.send("GET", "/v1/users").status, 200u);
  CHECK_EQ(admin.send("GET", "/v1/service-keys").body.find(token), std::string::npos);
  // The service key plays a scenario from outside and one inside the node.
  const auto played = run_waybill({"scenario", "run", "1", "--url=" + node.url(), "--token=" + token});
  CHECK_EQ(played.code, std::optional<int>{0});
  CHECK_EQ(text_at(till.send("GET", "/scenario/1").body, "/verdict"), "pass");
  CHECK_EQ(nobody.send("GET", "/scenario/1").status, 401u);
  const auto key = "/v1/service-keys/" + text_at(made.body, "/key/id");
  CHECK_EQ(admin.send("DELETE", key).status, 204u);
  CHECK_EQ(admin.send("DELETE", key).status, 204u);
  CHECK_EQ(till.send("GET", "/v1/users").status, 401u);
  CHECK_EQ(node.stop(), std::optional<int>{0});
}

SCENARIO("the first admin's password is generated and shown once, on the output and not in the log") {
  const temp_folder folder;
  const std::vector<std::string> words{"--store=sqlite:" + (folder / "waybill.db"), "--auth=required",
                                       "--password-memory=8388608"};
  constexpr std::string_view before = "The first admin is admin@localhost with the password ";
  node_process node{folder.path().string(), "shop", words};
  node.await_ready();
  REQUIRE(eventually([&] { return node.log().find(before) != std::string::npos; }));
  const auto log = node.log();
  const auto begin = log.find(before) + before.size();
  const auto password = log.substr(begin, log.find(' ', begin) - begin);
  CHECK_EQ(password.size(), 20u);
  CHECK_EQ(nobody_at(node).send("POST", "/v1/auth/login", credentials("admin@localhost", password)).status, 200u);
  CHECK_EQ(node.stop(), std::optional<int>{0});
  node_process again{folder.path().string(), "shop", words};
  again.await_ready();
  const person nobody{again.url(), {}};
  CHECK_EQ(nobody.send("POST", "/v1/auth/login", credentials("admin@localhost", password)).status, 200u);
  CHECK_EQ(again.log().find(before), std::string::npos);
  CHECK_EQ(again.stop(), std::optional<int>{0});
}

SCENARIO("the embedded node needs no token and makes no admin") {
  const temp_folder folder;
  node_process node{folder.path().string(), "shop", {"--store=sqlite:" + (folder / "waybill.db")}};
  node.await_ready();
  const person nobody{node.url(), {}};
  CHECK_EQ(nobody.send("GET", "/v1/orders").status, 200u);
  CHECK_EQ(text_at(nobody.send("GET", "/v1/me").body, "/kind"), "admin");
  CHECK_EQ(node.log().find("first admin"), std::string::npos);
  CHECK_EQ(node.stop(), std::optional<int>{0});
}
