#include "actors/accounts/password_hasher.hpp"

#include "domain/base/errors.hpp"
#include "messages/failures.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/scoped_actor.hpp>

#include <sodium.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#define CAF_SUITE actors.password_hasher
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;

namespace {

/// Cheap hashes: their cost is not tested here.
constexpr hashing_settings cheap{
  .passes = 1, .memory = 8192, .workers = 1, .max_waiting = 4, .patience = milliseconds{60'000}};

struct fixture {
  fixture() : hasher{spawn_password_hasher(sys, cheap)} {}
  ~fixture() { caf::anon_send_exit(hasher, caf::exit_reason::user_shutdown); }

  std::string hash(const std::string& password) {
    std::string made;
    self->request(hasher, caf::infinite, hash_password{{password}})
      .receive([&](password_hash& x) { made = std::move(x.text.value); },
               [](const caf::error& reason) { CAF_FAIL(caf::to_string(reason)); });
    return made;
  }

  password_verdict verify(const std::string& password, const std::string& hash) {
    password_verdict verdict;
    self->request(hasher, caf::infinite, verify_password{{password}, {hash}, true})
      .receive([&](const password_verdict& x) { verdict = x; },
               [](const caf::error& reason) { CAF_FAIL(caf::to_string(reason)); });
    return verdict;
  }

  caf::actor_system_config config;
  caf::actor_system sys{config};
  caf::scoped_actor self{sys};
  password_hasher_actor hasher;
};

/// As a program before the normal form hashed it.
std::string hash_as_typed(const std::string& password, unsigned passes = cheap.passes) {
  std::array<char, crypto_pwhash_STRBYTES> text{};
  CAF_REQUIRE_EQUAL(crypto_pwhash_str(text.data(), password.data(), password.size(), passes, cheap.memory), 0);
  return text.data();
}

const std::string composed = "caf\u00e9 au lait";
const std::string decomposed = "cafe\u0301 au\u00a0lait";

} // namespace

BEGIN_FIXTURE_SCOPE(fixture)

SCENARIO("B7: a password matches whichever way the keyboard composes its characters") {
  for (const auto& made_of : {composed, decomposed})
    for (const auto& shown : {composed, decomposed}) {
      const auto verdict = verify(shown, hash(made_of));
      CHECK(verdict.right);
      CHECK(!verdict.outdated);
    }
  CHECK(!verify("Caf\u00e9 au lait", hash(composed)).right);
}

SCENARIO("B7: a hash made before normalisation still accepts its password, and has to be made again") {
  const auto old = hash_as_typed(decomposed);
  CHECK(verify(decomposed, old).right);
  CHECK(verify(decomposed, old).outdated);
  CHECK(!verify(composed, old).right);
  CHECK(!verify("another", old).right);
}

SCENARIO("a hash made at another cost accepts its password, and has to be made again") {
  CHECK(verify(composed, hash_as_typed(composed, 2)).right);
  CHECK(verify(composed, hash_as_typed(composed, 2)).outdated);
  CHECK(!verify(composed, hash_as_typed(composed)).outdated);
}

SCENARIO("without a hash every password is wrong") {
  for (const std::string password : {"the password of nobody", "", "x"})
    CHECK(!verify(password, "").right);
}

SCENARIO("B1: sign-ins have reserved places, and are hashed before all other passwords") {
  const auto known = hash(composed);
  int refused = 0;
  std::vector<std::string> order;
  auto done = [&](const caf::error& reason) {
    refused += waybill::to_failure(reason, "").code == ec::overloaded ? 1 : 0;
    order.emplace_back("refused");
  };
  constexpr int crowd = 30;
  // One actor asks for all, so that the requests arrive in this order.
  auto asking = sys.spawn([&](caf::event_based_actor* asker) {
    for (int i = 0; i < crowd; ++i)
      asker->request(hasher, caf::infinite, hash_password{{"a new password"}})
        .then([&](const password_hash&) { order.emplace_back("other"); }, done);
    for (int i = 0; i < 2; ++i)
      asker->request(hasher, caf::infinite, verify_password{{composed}, {known}, true})
        .then([&](const password_verdict& verdict) { order.emplace_back(verdict.right ? "in" : "wrong"); }, done);
  });
  self->wait_for(asking);
  CHECK_EQ(std::count(order.begin(), order.end(), "in"), 2);
  CHECK(refused > 0);
}

END_FIXTURE_SCOPE()
