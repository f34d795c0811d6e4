#include "domain/user.hpp"

#include "domain/base/errors.hpp"
#include "domain/json/codec.hpp"
#include "domain/public_data.hpp"

#include <chrono>

#define CAF_SUITE domain.user
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace std::chrono_literals;

namespace {

const timestamp begin{std::chrono::seconds{1'700'000'000}};
const user::settings options;

/// A user and what happened to them.
struct person {
  user::state state;
  std::vector<user::event> log;
  timestamp time = begin;

  /// The events of the command; none when it is refused, whose reason is kept.
  std::vector<user::event> say(const user::command& cmd) {
    refused = ec::none;
    auto decided = user::decide(state, cmd, time, options);
    if (!decided) {
      refused = decided.error().code;
      return {};
    }
    if (!decided->empty())
      user::take_private(state, cmd, time, options);
    for (const auto& event : *decided)
      user::apply(state, event, time);
    log.insert(log.end(), decided->begin(), decided->end());
    return *decided;
  }

  bool may_refresh(const std::string& token, const std::string& next) {
    say(user::refresh{"family", token, next, "to " + next});
    return refused == ec::none && user::find_session(state, "family", next) != nullptr;
  }

  ec refused = ec::none;
};

user::register_account account(std::optional<user::new_session> session = {}) {
  return {user_id{"usr_1"}, {"ada@example.com", "Ada", "$argon2id$secret"}, {"customer"}, std::move(session)};
}

user::new_session opened(const std::string& token = "t1") {
  return {session_id{"ses_1"}, "family", token};
}

person signed_in_person() {
  person ada;
  ada.say(account(opened()));
  return ada;
}

} // namespace

SCENARIO("an account is made once, and the same command again changes nothing") {
  person ada;
  CHECK_EQ(ada.say(account(opened())).size(), 2u);
  CHECK_EQ(ada.state.roles, std::vector<std::string>{"customer"});
  CHECK_EQ(ada.state.profile.email, "ada@example.com");
  CHECK(ada.say(account(opened())).empty());
  CHECK_EQ(ada.refused, ec::none);
  ada.say(account());
  CHECK_EQ(ada.refused, ec::duplicate);
}

SCENARIO("events and the stored state hold neither e-mail, name nor password hash") {
  auto ada = signed_in_person();
  ada.say(user::change{"Ada L.", "lovelace@example.com", "$argon2id$other"});
  ada.say(user::administer{{{"customer", "operator"}}, true});
  std::string written = encode(ada.state);
  for (const auto& event : ada.log)
    written += encode_event(event).data;
  for (const auto* secret : {"Ada", "example", "argon2id"})
    CHECK_EQ(written.find(secret), std::string::npos);
}

SCENARIO("hashes of refresh tokens are hidden in shown events and users") {
  auto ada = signed_in_person();
  CHECK(ada.may_refresh("t1", "t2"));
  std::string shown = encode<json_members::visible>(ada.state);
  for (const auto& event : ada.log) {
    auto written = encode_event(event);
    shown += public_event_data(written.type, written.data);
  }
  CHECK_NE(shown.find("ses_1"), std::string::npos);
  for (const auto* secret : {"\"family\"", "\"t1\"", "\"t2\""})
    CHECK_EQ(shown.find(secret), std::string::npos);
}

SCENARIO("a refresh token is valid once, and a second use ends the session") {
  auto ada = signed_in_person();
  CHECK(ada.may_refresh("t1", "t2"));
  ada.time += 1h;
  CHECK(ada.may_refresh("t2", "t3"));
  ada.time += 1h;
  CHECK(!ada.may_refresh("t1", "t4"));
  CHECK(std::holds_alternative<user::session_ended>(ada.log.back()));
  CHECK(!ada.may_refresh("t3", "t5"));
  CHECK_EQ(ada.refused, ec::unauthenticated);
}

SCENARIO("a never issued token of a known family ends the session, one of an unknown family ends nothing") {
  auto ada = signed_in_person();
  ada.say(user::refresh{"guess", "t1", "t2"});
  CHECK_EQ(ada.refused, ec::unauthenticated);
  CHECK_EQ(ada.state.sessions.size(), 1u);
  CHECK(!ada.may_refresh("guess", "t2"));
  CHECK(ada.state.sessions.empty());
}

SCENARIO("a refresh token that was replaced a moment ago gives the present one, to every caller who shows it") {
  auto ada = signed_in_person();
  CHECK(ada.may_refresh("t1", "t2"));
  ada.time += options.retry_grace;
  for (const auto* other : {"t2b", "t2c"}) {
    CHECK(ada.say(user::refresh{"family", "t1", other, "never used"}).empty());
    CHECK_EQ(ada.refused, ec::none);
    CHECK(user::successors(ada.state, "family", "t1") == std::vector<std::string>{"to t2"});
  }
  GIVEN("somebody has refreshed on in the meantime") {
    auto other = ada;
    CHECK(other.may_refresh("t2", "t3"));
    CHECK(other.say(user::refresh{"family", "t1", "t9"}).empty());
    CHECK(user::successors(other.state, "family", "t1") == (std::vector<std::string>{"to t2", "to t3"}));
    CHECK(user::successors(other.state, "family", "t3") == std::vector<std::string>{});
  }
  GIVEN("repeats do not prolong the moment") {
    auto late = ada;
    late.time += 1ms;
    CHECK(!late.may_refresh("t1", "t3"));
    CHECK(late.state.sessions.empty());
    CHECK(!user::successors(late.state, "family", "t1"));
  }
  GIVEN("the session has ended in the meantime") {
    ada.say(user::end_session{"family"});
    CHECK(!ada.may_refresh("t1", "t3"));
    CHECK_EQ(ada.refused, ec::unauthenticated);
    CHECK(!user::successors(ada.state, "family", "t1"));
  }
}

SCENARIO("a repeated refresh of a session from an older program gives no token and does not end the session") {
  auto ada = signed_in_person();
  user::apply(ada.state, user::session_refreshed{session_id{"ses_1"}, "t2", ada.time + 1h, false}, ada.time);
  CHECK(ada.say(user::refresh{"family", "t1", "t3"}).empty());
  CHECK_EQ(ada.refused, ec::unauthenticated);
  CHECK(ada.may_refresh("t2", "t3"));
  // The way from t1 is broken at t2.
  CHECK(!user::successors(ada.state, "family", "t1"));
}

SCENARIO("a session remembers a few rotations, and only for the grace period") {
  auto ada = signed_in_person();
  for (int i = 1; i < 100; ++i)
    CHECK(ada.may_refresh("t" + std::to_string(i), "t" + std::to_string(i + 1)));
  CHECK_EQ(ada.state.sessions.front().rotations.size(), 16u);
  ada.time += 1h;
  CHECK(ada.may_refresh("t100", "t101"));
  CHECK_EQ(ada.state.sessions.front().rotations.size(), 1u);
}

SCENARIO("without a grace period a refresh token is valid once") {
  auto ada = signed_in_person();
  CHECK(ada.may_refresh("t1", "t2"));
  auto strict = options;
  strict.retry_grace = 0ms;
  const auto again = user::decide(ada.state, user::refresh{"family", "t1", "t3"}, ada.time, strict);
  REQUIRE(again.has_value());
  CHECK(std::holds_alternative<user::session_ended>(again->front()));
}

SCENARIO("a password that was changed after it was checked opens no session and allows no other change") {
  auto ada = signed_in_person();
  ada.say(user::change{{}, {}, "$argon2id$other", "$argon2id$secret"});
  CHECK_EQ(ada.refused, ec::none);
  ada.say(user::start_session{{session_id{"ses_2"}, "f2", "u1"}, "$argon2id$secret", {}});
  CHECK_EQ(ada.refused, ec::unauthenticated);
  ada.say(user::change{{}, "eve@example.com", {}, "$argon2id$secret"});
  CHECK_EQ(ada.refused, ec::unauthenticated);
  CHECK_EQ(ada.state.profile.email, "ada@example.com");
}

SCENARIO("a password that is hashed anew at sign-in ends no session") {
  auto ada = signed_in_person();
  ada.say(user::start_session{{session_id{"ses_2"}, "f2", "u1"}, "$argon2id$secret", "$argon2id$anew"});
  CHECK_EQ(ada.state.sessions.size(), 2u);
  CHECK_EQ(ada.state.profile.password_hash, "$argon2id$anew");
}

SCENARIO("a reset code is valid once, for its lifetime, and until there is another password or code") {
  auto ada = signed_in_person();
  ada.say(user::allow_reset{"code"});
  CHECK(ada.say(user::allow_reset{"code"}).empty());
  const auto refused = [](person owner, const std::string& code) {
    owner.say(user::reset_password{code, "$argon2id$new"});
    return owner.refused == ec::unauthenticated && owner.state.profile.password_hash != "$argon2id$new";
  };
  CHECK(refused(ada, "guess"));
  CHECK(refused(ada, ""));
  auto late = ada;
  late.time += options.reset_lifetime;
  CHECK(refused(late, "code"));
  auto changed = ada;
  changed.say(user::change{{}, {}, "$argon2id$other"});
  CHECK(refused(changed, "code"));
  auto disabled = ada;
  disabled.say(user::administer{{}, true});
  CHECK(refused(disabled, "code"));
  disabled.say(user::administer{{}, false});
  CHECK(refused(disabled, "code"));
  auto replaced = ada;
  replaced.say(user::allow_reset{"newer"});
  CHECK(refused(replaced, "code"));
  CHECK(!refused(replaced, "newer"));
  ada.say(user::reset_password{"code", "$argon2id$new"});
  CHECK_EQ(ada.refused, ec::none);
  CHECK_EQ(ada.state.profile.password_hash, "$argon2id$new");
  CHECK(ada.state.sessions.empty());
  ada.state.profile.password_hash = "$argon2id$before";
  CHECK(refused(ada, "code"));
  // The log does not have the code; the stored state is shown without its hash.
  for (const auto& event : ada.log)
    CHECK_EQ(encode_event(event).data.find("code\""), std::string::npos);
}

SCENARIO("the very same refresh command again is answered and changes nothing") {
  auto ada = signed_in_person();
  CHECK(ada.may_refresh("t1", "t2"));
  const auto events = ada.log.size();
  CHECK(ada.may_refresh("t1", "t2"));
  CHECK_EQ(ada.log.size(), events);
}

SCENARIO("a session that nobody refreshes ends") {
  auto ada = signed_in_person();
  ada.time += options.refresh_lifetime;
  CHECK(!ada.may_refresh("t1", "t2"));
  CHECK_EQ(ada.refused, ec::unauthenticated);
  ada.say(user::start_session{{session_id{"ses_2"}, "family 2", "t1"}});
  CHECK_EQ(ada.state.sessions.size(), 1u);
}

SCENARIO("a session above the limit ends the oldest one") {
  auto ada = signed_in_person();
  for (std::size_t i = 2; i <= options.max_sessions + 1; ++i) {
    const auto number = std::to_string(i);
    ada.say(user::start_session{{session_id{"ses_" + number}, "family " + number, "t"}});
  }
  CHECK_EQ(ada.state.sessions.size(), options.max_sessions);
  CHECK(!ada.may_refresh("t1", "t2"));
}

SCENARIO("a new password, and being disabled, end all sessions") {
  auto ada = signed_in_person();
  ada.say(user::change{{}, {}, "$argon2id$new"});
  CHECK(ada.state.sessions.empty());
  ada.say(user::start_session{opened()});
  CHECK_EQ(ada.state.sessions.size(), 1u);
  ada.say(user::administer{{}, true});
  CHECK(ada.state.sessions.empty());
  ada.say(user::start_session{opened()});
  CHECK_EQ(ada.refused, ec::unauthenticated);
  ada.say(user::administer{{}, false});
  ada.say(user::start_session{opened()});
  CHECK_EQ(ada.refused, ec::none);
}

SCENARIO("a command that changes nothing makes no event") {
  auto ada = signed_in_person();
  CHECK(ada.say(user::change{"Ada", "ada@example.com", {}}).empty());
  CHECK(ada.say(user::administer{{{"customer"}}, false}).empty());
  CHECK(ada.say(user::end_session{"no such family"}).empty());
  CHECK_EQ(ada.refused, ec::none);
}

SCENARIO("nobody can be changed before they are registered") {
  person nobody;
  for (const user::command& cmd :
       {user::command{user::start_session{}}, user::command{user::change{}}, user::command{user::administer{}}}) {
    nobody.say(cmd);
    CHECK_EQ(nobody.refused, ec::not_found);
  }
}

SCENARIO("e-mail addresses are compared in lower case, and other texts are refused") {
  CHECK_EQ(user::normal_email("Ada.L+shop@Example.COM").value_or(""), "ada.l+shop@example.com");
  CHECK_EQ(user::normal_email("admin@localhost").value_or(""), "admin@localhost");
  const std::string long_local(65, 'a');
  for (const std::string& wrong :
       {std::string{""}, std::string{"ada"}, std::string{"@example.com"}, std::string{"ada@"}, std::string{"a@b@c"},
        std::string{"a b@example.com"}, std::string{"a@exa mple.com"}, std::string{".a@example.com"},
        std::string{"a..b@example.com"}, std::string{"a@example..com"}, std::string{"a@\xC3\xA9.com"},
        std::string{"a\n@example.com"}, long_local + "@example.com", "a@" + std::string(253, 'b')})
    CHECK(!user::normal_email(wrong));
}

SCENARIO("roles are known words, each once") {
  CHECK(user::are_roles({"customer", "admin"}));
  CHECK(user::are_roles({}));
  CHECK(!user::are_roles({"customer", "customer"}));
  CHECK(!user::are_roles({"root"}));
}
