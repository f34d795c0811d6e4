#include "tests/gateway/support/tokens.hpp"

#define CAF_SUITE gateway.password_limits
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::test;

// Whatever verifies or makes a password is charged as `auth`.

namespace {

constexpr int quota = 5;
constexpr auto ada = "usr_00000000000000000001";

/// A gateway behind a proxy, with room for `quota` passwords.
struct scene {
  scene()
    : gateway{[](gateway_config& config) {
                config.auth_required = true;
                config.limit_loopback = true;
                config.trusted_proxies = {"127.0.0.0/8"};
                config.rates.auth = {quota, std::chrono::minutes{1}};
              },
              [this](gateway_services& services) { services.keys = maker.ring; }} {}

  answer send(std::string_view method, std::string_view path, std::string_view body, const std::string& address,
              const std::string& token = {}) {
    header_list headers{{"X-Forwarded-For", address}};
    if (!token.empty())
      headers.push_back(bearer(token)[0]);
    return gateway.send(method, path, body, headers);
  }

  answer log_in(const std::string& email, const std::string& address, const std::string& token = {}) {
    return send("POST", "/v1/auth/login", R"({"email":")" + email + R"(","password":"a wrong guess"})", address, token);
  }

  /// How many of many are let in.
  template <class Try>
  static int let_in(Try attempt) {
    int count = 0;
    for (int i = 0; i < 3 * quota; ++i)
      count += attempt(i).status != 429 ? 1 : 0;
    return count;
  }

  token_maker maker;
  fixture gateway;
};

std::string address(int i) {
  return "192.0.2." + std::to_string(i + 1);
}

} // namespace

SCENARIO("B1: a caller's token does not change the bucket of sign-ins, registrations and refreshes") {
  for (const std::string path : {"login", "register", "refresh", "password-reset"}) {
    scene s;
    CHECK_EQ(scene::let_in([&](int i) {
               const auto n = std::to_string(i);
               return s.send("POST", "/v1/auth/" + path,
                             R"({"email":"a)" + n + R"(@example.com","password":"a wrong guess","name":"A"})",
                             "192.0.2.1", s.maker.token("usr_0000000000000000000" + n.substr(0, 1), {"customer"}));
             }),
             quota);
  }
}

SCENARIO("B1: sign-ins for one e-mail address are limited, from all client addresses and with any token") {
  scene s;
  CHECK_EQ(scene::let_in([&](int i) { return s.log_in(i % 2 ? "Ada@Example.com" : "ada@example.com", address(i)); }),
           quota);
  CHECK_EQ(s.gateway.state->passwords_tried, quota);
  CHECK_EQ(s.log_in("bob@example.com", address(0)).status, 401u);
  // Registering asks about the address as well.
  CHECK_EQ(s.send("POST", "/v1/auth/register", R"({"email":"ada@example.com","password":"a good password","name":"A"})",
                  address(99))
             .status,
           429u);
}

SCENARIO("B1: a change of password or e-mail is charged as a sign-in, to its user and to the address") {
  scene s;
  const auto token = s.maker.token(ada, {"customer"});
  const auto guess = [&](std::string_view member, const std::string& from) {
    return s.send("PATCH", "/v1/me",
                  "{\"" + std::string{member} + R"(":"new@example.com","current_password":"a wrong guess"})", from,
                  token);
  };
  const auto first = guess("password", address(0));
  CHECK_EQ(first.status, 401u);
  CHECK(first.header("RateLimit-Policy").starts_with("\"auth\";q=5"));
  CHECK_EQ(scene::let_in([&](int i) { return guess(i % 2 ? "email" : "password", address(i)); }), quota - 1);
  CHECK_EQ(s.gateway.state->passwords_tried, quota);
  // Another name needs no password.
  CHECK_EQ(s.send("PATCH", "/v1/me", R"({"name":"Ada"})", address(0), token).status, 200u);
  // Many accounts behind one address are one guesser.
  scene crowd;
  CHECK_EQ(scene::let_in([&](int i) {
             const auto id = "usr_000000000000000000" + std::to_string(10 + i);
             return crowd.send("PATCH", "/v1/me", R"({"password":"new password","current_password":"a wrong guess"})",
                               address(0), crowd.maker.token(id, {"customer"}));
           }),
           quota);
}

SCENARIO("B1: changing one's own e-mail address is limited, since it shows which addresses are taken") {
  scene s;
  CHECK_EQ(scene::let_in([&](int i) {
             const auto id = "usr_000000000000000000" + std::to_string(10 + i);
             return s.send("PATCH", "/v1/me", R"({"email":"victim@example.com","current_password":"a good password"})",
                           address(i), s.maker.token(id, {"customer"}));
           }),
           quota);
}

SCENARIO("B1: admins who set passwords and make reset codes are limited as well") {
  scene s;
  const auto admin = s.maker.token(ada, {"admin"});
  CHECK_EQ(scene::let_in([&](int i) {
             return s.send("POST", "/v1/users/usr_00000000000000000002/password-reset", "", address(i), admin);
           }),
           quota);
  scene other;
  const auto boss = other.maker.token(ada, {"admin"});
  const auto make = [&](int i, std::string_view more) {
    return other.send("POST", "/v1/users",
                      R"({"email":"a)" + std::to_string(i) + R"(@example.com","name":"A")" + std::string{more} + '}',
                      address(i), boss);
  };
  CHECK_EQ(scene::let_in([&](int i) { return make(i, R"(,"password":"a good password")"); }), quota);
  CHECK_EQ(make(20, "").status, 201u);
}

SCENARIO("B1: attempts with a reset code are limited for each account") {
  scene s;
  const auto code = "wbc_00000000000000000001_" + std::string(43, 'A');
  CHECK_EQ(scene::let_in([&](int i) {
             return s.send("POST", "/v1/auth/password-reset",
                           R"({"code":")" + code + R"(","password":"a good password"})", address(i));
           }),
           quota);
  CHECK_EQ(s.gateway.state->passwords_tried, 0);
}
