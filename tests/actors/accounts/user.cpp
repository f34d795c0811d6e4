#define CAF_SUITE actors.user
#include "actors/accounts/user_region.hpp"
#include "domain/base/errors.hpp"
#include "domain/json/codec.hpp"
#include "domain/public_data.hpp"
#include "tests/actors/support/order_node.hpp"

#include <algorithm>

#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::test;
using namespace std::chrono_literals;

namespace {

/// Hashes by reversing, at once unless it is slow, and counts.
struct quick_hasher {
  static inline const char* name = "quick_hasher";
  password_hasher_actor::pointer self;
  std::shared_ptr<std::vector<std::string>> asked;
  std::shared_ptr<bool> full;
  std::shared_ptr<bool> slow;
  /// Of the hashes that it makes.
  std::shared_ptr<std::string> prefix;

  password_hasher_actor::behavior_type make_behavior() {
    return {
      [this](hash_password& wanted) -> caf::result<password_hash> {
        if (*full)
          return to_error({ec::overloaded, "full"});
        return password_hash{{*prefix + std::string{wanted.password.value.rbegin(), wanted.password.value.rend()}}};
      },
      [this](verify_password& wanted) -> caf::result<password_verdict> {
        asked->push_back(wanted.hash.value);
        const std::string fitting{wanted.password.value.rbegin(), wanted.password.value.rend()};
        // "old" in front: hashed at another cost.
        const bool old = wanted.hash.value == "old" + fitting;
        const password_verdict verdict{!wanted.hash.value.empty() && (old || wanted.hash.value == fitting), old};
        if (!*slow)
          return verdict;
        auto promise = self->make_response_promise<password_verdict>();
        self->run_delayed(10ms, [promise, verdict]() mutable { promise.deliver(verdict); });
        return promise;
      }};
  }
  quick_hasher(password_hasher_actor::pointer owner, std::shared_ptr<std::vector<std::string>> log,
               std::shared_ptr<bool> busy, std::shared_ptr<bool> tired, std::shared_ptr<std::string> front)
    : self(owner), asked(std::move(log)), full(std::move(busy)), slow(std::move(tired)), prefix(std::move(front)) {}
};

struct fixture : order_node {
  fixture() { open_accounts(); }
  ~fixture() override { close_accounts(); }

  void open_accounts() {
    hasher = sys.spawn<password_hasher_actor::stateful_impl<quick_hasher>>(verified, busy, slow, prefix);
    users = spawn_user_region(sys, services(), {}, hasher);
    caf::anon_send(users, placement{1, "test", {{"test", caf::actor_cast<caf::strong_actor_ptr>(users)}}});
  }

  void close_accounts() {
    caf::anon_send_exit(users, caf::exit_reason::user_shutdown);
    caf::anon_send_exit(hasher, caf::exit_reason::kill);
    consume_messages();
  }

  void restart_accounts() {
    close_accounts();
    restart();
    open_accounts();
  }

  static user::new_session session(const std::string& name) {
    return {session_id{"ses_" + name}, "family " + name, "token " + name};
  }

  register_user ada_registers() {
    return {ada, "ada@example.com", "Ada", {"a good password"}, {"customer"}, session("1"), {}};
  }

  result<signed_in> log_ada_in(const std::string& password, const std::string& name) {
    return ask<signed_in>(users, log_in{ada, {password}, session(name), {}});
  }

  /// Sends a request that is answered with nothing and runs until it is.
  template <class Request>
  ec ask_void(const user_region_actor& receiver, Request request) {
    auto answer = std::make_shared<std::optional<ec>>();
    sys.spawn([answer, receiver, request](caf::event_based_actor* asking) {
      asking->request(receiver, caf::infinite, request)
        .then([answer] { *answer = ec::none; },
              [answer](const caf::error& reason) { *answer = to_failure(reason).code; });
    });
    run_to("an answer", [&] { return answer->has_value(); });
    return **answer;
  }

  result<signed_in> refresh(const std::string& name, const std::string& token, const std::string& next) {
    return ask<signed_in>(users, refresh_session{ada, "family " + name, token, next, "to " + next, {}});
  }

  std::shared_ptr<std::vector<std::string>> verified = std::make_shared<std::vector<std::string>>();
  std::shared_ptr<bool> busy = std::make_shared<bool>(false);
  std::shared_ptr<bool> slow = std::make_shared<bool>(false);
  std::shared_ptr<std::string> prefix = std::make_shared<std::string>();
  password_hasher_actor hasher;
  user_region_actor users;
  user_id ada = make_id<user_id>();
};

} // namespace

BEGIN_FIXTURE_SCOPE(fixture)

SCENARIO("a registered user can sign in with their password only, after a restart too") {
  REQUIRE(ask<signed_in>(users, ada_registers()).has_value());
  for (int i = 0; i < 2; ++i) {
    const auto name = std::to_string(i + 2);
    const auto in = log_ada_in("a good password", name);
    REQUIRE(in.has_value());
    CHECK_EQ(in->user.email, "ada@example.com");
    CHECK_EQ(in->user.name, "Ada");
    CHECK(log_ada_in("a bad password", "x").error().code == ec::unauthenticated);
    restart_accounts();
  }
}

SCENARIO("a sign-in of an unknown user costs the same and is answered alike") {
  REQUIRE(ask<signed_in>(users, ada_registers()).has_value());
  const auto wrong = log_ada_in("a bad password", "2");
  const auto unknown = ask<signed_in>(users, log_in{make_id<user_id>(), {"a bad password"}, session("3"), {}});
  CHECK(wrong.error().code == unknown.error().code);
  CHECK_EQ(wrong.error().detail, unknown.error().detail);
  REQUIRE_EQ(verified->size(), 2u);
  CHECK_EQ(verified->back(), "");
}

SCENARIO("a disabled user gets the answer of an unknown one, even with the right password") {
  REQUIRE(ask<signed_in>(users, ada_registers()).has_value());
  REQUIRE(ask<user_view>(users, administer_user{ada, {}, true, 0, {}}).has_value());
  CHECK(log_ada_in("a good password", "2").error().code == ec::unauthenticated);
  CHECK(refresh("1", "token 1", "next").error().code == ec::unauthenticated);
  REQUIRE(ask<user_view>(users, administer_user{ada, {}, false, 0, {}}).has_value());
  CHECK(log_ada_in("a good password", "3").has_value());
}

SCENARIO("an e-mail address has one account, and is free again once its account gives it up") {
  REQUIRE(ask<signed_in>(users, ada_registers()).has_value());
  auto second = ada_registers();
  second.id = make_id<user_id>();
  second.session = session("2");
  CHECK(ask<signed_in>(users, second).error().code == ec::duplicate);
  CHECK(ask<user_view>(users, get_user{second.id}).error().code == ec::not_found);
  REQUIRE(
    ask<user_view>(users, change_user{ada, {}, "countess@example.com", {}, {"a good password"}, 0, {}}).has_value());
  CHECK(ask<signed_in>(users, second).has_value());
}

SCENARIO("a repeated registration or sign-in gets the first answer and opens no second session") {
  const auto command = ada_registers();
  const auto first = ask<signed_in>(users, command);
  const auto again = ask<signed_in>(users, command);
  REQUIRE(first.has_value());
  REQUIRE(again.has_value());
  CHECK(first->session == again->session);
  REQUIRE(log_ada_in("a good password", "2").has_value());
  REQUIRE(log_ada_in("a good password", "2").has_value());
  CHECK_EQ(count_of("user.session_started"), 2u);
}

SCENARIO("the events of a sign-in say in which role the user acts, never just that it is a user") {
  auto registers = ada_registers();
  registers.origin.by_kind = "user";
  REQUIRE(ask<signed_in>(users, registers).has_value());
  administer_user promote;
  promote.id = ada;
  promote.roles = std::vector<std::string>{"customer", "operator"};
  REQUIRE(ask<user_view>(users, promote).has_value());
  log_in again{ada, {"a good password"}, session("2"), {}};
  again.origin.by_kind = "user";
  REQUIRE(ask<signed_in>(users, again).has_value());
  std::vector<std::string> kinds;
  for (const auto& event : database.log())
    if (event.type == "user.session_started")
      kinds.push_back(event.origin.by_kind);
  CHECK((kinds == std::vector<std::string>{"customer", "operator"}));
}

SCENARIO("refresh tokens rotate, and a used one ends the session for everybody, after a restart too") {
  REQUIRE(ask<signed_in>(users, ada_registers()).has_value());
  CHECK(refresh("1", "token 1", "second").has_value());
  CHECK(refresh("1", "second", "third").has_value());
  pass(11s);
  restart_accounts();
  CHECK(refresh("1", "token 1", "stolen").error().code == ec::unauthenticated);
  CHECK(refresh("1", "third", "fourth").error().code == ec::unauthenticated);
  const auto types = types_of(ada.value);
  CHECK_EQ(types.back(), "user.session_ended");
}

SCENARIO("A10: two refreshes of one token at once get the same valid token, in either order") {
  REQUIRE(ask<signed_in>(users, ada_registers()).has_value());
  std::vector<pending<signed_in>> at_once;
  for (int i = 0; i < 3; ++i) {
    const auto next = "next " + std::to_string(i);
    at_once.push_back(send<signed_in>(users, refresh_session{ada, "family 1", "token 1", next, "to " + next, {}}));
  }
  run_to("three answers", [&] { return std::ranges::all_of(at_once, [](const auto& x) { return x->has_value(); }); });
  for (const auto& answer : at_once) {
    REQUIRE((**answer).has_value());
    CHECK_EQ((**answer)->successors, std::vector<std::string>{"to next 0"});
  }
  restart_accounts();
  const auto lost = refresh("1", "token 1", "next 9");
  REQUIRE(lost.has_value());
  CHECK_EQ(lost->successors, std::vector<std::string>{"to next 0"});
  CHECK_EQ(count_of("user.session_refreshed"), 1u);
  CHECK(refresh("1", "next 0", "later").has_value());
  CHECK_EQ(refresh("1", "token 1", "next 9")->successors, (std::vector<std::string>{"to next 0", "to later"}));
  pass(11s);
  CHECK(refresh("1", "next 0", "stolen").error().code == ec::unauthenticated);
  CHECK(refresh("1", "later", "x").error().code == ec::unauthenticated);
}

SCENARIO("A10: a refresh that races a sign-out never answers with an invalid token") {
  REQUIRE(ask<signed_in>(users, ada_registers()).has_value());
  const auto first = send<signed_in>(users, refresh_session{ada, "family 1", "token 1", "next", "to next", {}});
  caf::anon_send(users, end_session{ada, "family 1", {}});
  const auto second = send<signed_in>(users, refresh_session{ada, "family 1", "token 1", "other", "to other", {}});
  run_to("all answers", [&] { return first->has_value() && second->has_value(); });
  CHECK((**second).error().code == ec::unauthenticated);
  CHECK(types_of(ada.value).back() == "user.session_ended");
  if ((**first).has_value())
    CHECK_EQ((**first)->successors.size(), 1u);
}

SCENARIO("a password change needs the current password, and ends all sessions") {
  REQUIRE(ask<signed_in>(users, ada_registers()).has_value());
  const change_user wrong{ada, {}, {}, secret_text{"a better password"}, {"a bad password"}, 0, {}};
  CHECK(ask<user_view>(users, wrong).error().code == ec::unauthenticated);
  auto right = wrong;
  right.current_password.value = "a good password";
  CHECK(ask<user_view>(users, right).has_value());
  CHECK(refresh("1", "token 1", "second").error().code == ec::unauthenticated);
  CHECK(log_ada_in("a good password", "2").error().code == ec::unauthenticated);
  CHECK(log_ada_in("a better password", "3").has_value());
}

SCENARIO("B1: the passwords of one user are hashed one after the other, in a bounded queue") {
  REQUIRE(ask<signed_in>(users, ada_registers()).has_value());
  *slow = true;
  const change_user guess{ada, {}, {}, secret_text{"a better password"}, {"a bad password"}, 0, {}};
  std::vector<pending<user_view>> guesses;
  for (int i = 0; i < 20; ++i)
    guesses.push_back(send<user_view>(users, guess));
  consume_messages();
  CHECK_EQ(verified->size(), 1u);
  const auto refused = [](const auto& x) { return x->has_value() && (**x).error().code == ec::overloaded; };
  CHECK_EQ(std::ranges::count_if(guesses, refused), 11);
  *slow = false;
  pass(1s);
  CHECK_EQ(verified->size(), 9u);
  CHECK(std::ranges::all_of(guesses, [](const auto& x) { return x->has_value() && (**x).has_error(); }));
  CHECK(log_ada_in("a good password", "2").has_value());
}

SCENARIO("B7: an outdated hash is made again at the next sign-in, and no session ends") {
  REQUIRE(ask<signed_in>(users, ada_registers()).has_value());
  // As a program with other costs left it.
  REQUIRE(
    ask<user_view>(users, change_user{ada, {}, {}, secret_text{"dlo eht ni"}, {"a good password"}, 0, {}}).has_value());
  *prefix = "old";
  REQUIRE(
    ask<user_view>(users, change_user{ada, {}, {}, secret_text{"a good password"}, {"dlo eht ni"}, 0, {}}).has_value());
  *prefix = "";
  REQUIRE(log_ada_in("a good password", "2").has_value());
  const auto before = verified->back();
  CHECK(before.starts_with("old"));
  REQUIRE(log_ada_in("a good password", "3").has_value());
  CHECK(!verified->back().starts_with("old"));
  CHECK(refresh("2", "token 2", "next").has_value());
  restart_accounts();
  REQUIRE(log_ada_in("a good password", "4").has_value());
  CHECK(!verified->back().starts_with("old"));
}

SCENARIO("B7: a reset code sets a new password once and ends all sessions, after a restart too") {
  REQUIRE(ask<signed_in>(users, ada_registers()).has_value());
  CHECK(ask<password_reset>(users, allow_password_reset{make_id<user_id>(), "c", {}}).error().code == ec::not_found);
  const auto allowed = ask<password_reset>(users, allow_password_reset{ada, "hash of the code", {}});
  REQUIRE(allowed.has_value());
  CHECK(allowed->expires_at == time() + 1h);
  restart_accounts();
  const auto reset = [this](const std::string& code) {
    return ask_void(users, reset_password{ada, code, {"a new password"}, {}});
  };
  verified->clear();
  CHECK(reset("guess") == ec::unauthenticated);
  CHECK(reset("hash of the code") == ec::none);
  CHECK(reset("hash of the code") == ec::unauthenticated);
  CHECK(refresh("1", "token 1", "next").error().code == ec::unauthenticated);
  CHECK(log_ada_in("a good password", "2").error().code == ec::unauthenticated);
  CHECK(log_ada_in("a new password", "3").has_value());
}

SCENARIO("B7: an account without a password lets nobody in until it is reset") {
  auto command = ada_registers();
  command.password.value.clear();
  command.session.reset();
  REQUIRE(ask<signed_in>(users, command).has_value());
  CHECK(log_ada_in("", "2").error().code == ec::unauthenticated);
  CHECK(log_ada_in("a good password", "3").error().code == ec::unauthenticated);
  REQUIRE(ask<password_reset>(users, allow_password_reset{ada, "code", {}}).has_value());
  CHECK(ask_void(users, reset_password{ada, "code", {"a good password"}, {}}) == ec::none);
  CHECK(log_ada_in("a good password", "4").has_value());
}

SCENARIO("when too many passwords wait for their hash, a registration is refused and leaves nothing behind") {
  *busy = true;
  CHECK(ask<signed_in>(users, ada_registers()).error().code == ec::overloaded);
  CHECK(database.log().empty());
  *busy = false;
  CHECK(ask<signed_in>(users, ada_registers()).has_value());
}

SCENARIO("neither the log nor the inspection of an actor shows an e-mail address, name, password or hash") {
  REQUIRE(ask<signed_in>(users, ada_registers()).has_value());
  REQUIRE(refresh("1", "token 1", "second").has_value());
  std::string shown = ask<entity_description>(users, describe_entity{ada.value})->state;
  std::string logged;
  for (const auto& event : database.log()) {
    logged += event.data;
    shown += public_event_data(event.type, event.data);
  }
  for (const auto* secret : {"example", "Ada", "a good password", "drowssap doog a"})
    CHECK_EQ((logged + shown).find(secret), std::string::npos);
  for (const auto* secret : {"family 1", "token 1", "second"})
    CHECK_EQ(shown.find(secret), std::string::npos);
  CHECK_NE(shown.find("ses_1"), std::string::npos);
  // CAF shows messages in errors and its own log.
  CHECK_EQ(caf::deep_to_string(ada_registers()).find("password\""), std::string::npos);
  CHECK_EQ(caf::deep_to_string(ada_registers()).find("a good password"), std::string::npos);
}

SCENARIO("only its customer and operators can see an order") {
  const auto product = stock_up(10);
  const auto order = order_for({line_of(product, 1)});
  REQUIRE(ask<order_placed>(orders, order).has_value());
  const viewer owner{false, order.customer};
  const viewer other{false, customer_id{"cus_other"}};
  const viewer nobody;
  CHECK(ask<order::state>(orders, get_order{order.id, owner}).has_value());
  CHECK(ask<order::state>(orders, get_order{order.id, of_everything()}).has_value());
  for (const auto& whom : {other, nobody}) {
    const auto hidden = ask<order::state>(orders, get_order{order.id, whom});
    const auto missing = ask<order::state>(orders, get_order{order_id{"ord_none"}, whom});
    CHECK(hidden.error().code == ec::not_found);
    CHECK(missing.error().code == ec::not_found);
    CHECK_EQ(hidden.error().detail, "there is no order " + order.id.value);
    CHECK(ask<order::state>(orders, await_order{order.id, true, time() + 1s, whom}).error().code == ec::not_found);
    CHECK(ask<order::state>(orders, cancel_order{order.id, "no", 0, {}, whom}).error().code == ec::not_found);
  }
  CHECK_EQ(count_of("order.cancel_requested"), 0u);
  CHECK(ask<order::state>(orders, await_order{order.id, true, time() + 1h, owner}).has_value());
}

END_FIXTURE_SCOPE()
