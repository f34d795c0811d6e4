#include "domain/base/errors.hpp"
#include "domain/octets/octets.hpp"
#include "tests/gateway/support/scripted_scene.hpp"

#include <memory>
#include <mutex>
#include <vector>

#define CAF_SUITE gateway.functions
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::test;

// What clients and the entities of functions say to each other. Rights: tests/gateway/routes/rights.cpp.

namespace {

/// What the entities were told, and what they answer with.
struct script {
  std::mutex mutex;
  std::vector<put_function> puts;
  std::vector<roll_back_function> roll_backs;
  std::vector<invoke_function> calls;
  bool created = true;
  std::optional<function_error> error;
  /// Of a function with triggers.
  std::optional<trigger_view> progress;
  /// There is no function to look at.
  bool missing = false;
  ec failure = ec::none;
};
using script_ptr = std::shared_ptr<script>;

function::state a_function(const std::string& name) {
  function::state made;
  made.id = function::id_of(name);
  made.name = name;
  made.current = 2;
  made.last = 3;
  for (std::uint64_t number : {1, 2, 3}) {
    const auto source = "return " + std::to_string(number);
    made.versions.push_back({number, source, sha256_hex(source), {"admin", "usr_00000000000000000005"}, timestamp{}});
  }
  made.version = 4;
  return made;
}

template <class Answer>
caf::result<Answer> answer_or_refuse(const script& told, Answer answer) {
  if (told.failure != ec::none)
    return caf::make_error(told.failure, std::string{"the reason"});
  return answer;
}

function_actor::behavior_type scripted(script_ptr s) {
  return {[](resume_entity&) {},
          [](wake_up&) {},
          [](retire_entity&) {},
          [](describe_entity&) { return entity_description{}; },
          [s](put_function& x) {
            const std::lock_guard guard{s->mutex};
            s->puts.push_back(x);
            return answer_or_refuse(*s, function_saved{a_function(x.name), s->created, s->error, s->progress});
          },
          [s](get_function& x) -> caf::result<function_view> {
            if (s->missing)
              return caf::make_error(ec::not_found, std::string{"there is none"});
            auto shown = a_function(x.id.value.substr(function_id::prefix().size()));
            return answer_or_refuse(*s, function_view{std::move(shown), s->progress});
          },
          [s](roll_back_function& x) {
            const std::lock_guard guard{s->mutex};
            s->roll_backs.push_back(x);
            return answer_or_refuse(*s, function_view{a_function("discount"), s->progress});
          },
          [s](remove_function&) -> caf::result<void> {
            if (s->failure != ec::none)
              return caf::make_error(s->failure, std::string{"the reason"});
            return caf::unit;
          },
          [s](invoke_function& x) {
            const std::lock_guard guard{s->mutex};
            s->calls.push_back(x);
            return answer_or_refuse(*s, function_ran{s->error ? "" : R"({"a":[1,2.5,null]})", s->error});
          }};
}

function::summary listed(const std::string& name) {
  function::summary made;
  made.name = name;
  made.current = made.version = 1;
  made.digest = sha256_hex(name);
  return made;
}

struct scene : scripted_scene<script> {
  scene() : scripted_scene(&gateway_services::functions, scripted) {}
};

} // namespace

SCENARIO("a function is registered under its name") {
  scene s;
  const auto made = s.send("PUT", "/v1/functions/discount", R"({"source":"-- ten per cent\nreturn input // 10"})");
  CHECK_EQ(made.status, 201u);
  CHECK_EQ(made.header("Location"), "/v1/functions/discount");
  CHECK_EQ(made.header("ETag"), "\"4\"");
  CHECK_EQ(made.text("source"), "return 2");
  CHECK_EQ(made.json().at("current_version").as_int64(), 2);
  REQUIRE_EQ(s.told->puts.size(), 1u);
  CHECK_EQ(s.told->puts[0].id.value, "fun_discount");
  CHECK_EQ(s.told->puts[0].source, "-- ten per cent\nreturn input // 10");
  CHECK_EQ(s.told->puts[0].origin.by_kind, "admin");
  s.told->created = false;
  const auto again = s.send("PUT", "/v1/functions/discount", R"({"source":"return 1"})", {{"If-Match", "\"4\""}});
  CHECK_EQ(again.status, 200u);
  CHECK_EQ(s.told->puts[1].expected_version, 4u);
}

SCENARIO("a source that does not compile is told with its line") {
  scene s;
  s.told->error = function_error{"source", "unexpected symbol near <eof>", 3};
  const auto refused = s.send("PUT", "/v1/functions/discount", R"({"source":"return ("})");
  CHECK_EQ(refused.status, 422u);
  CHECK_EQ(refused.text("code"), "validation_failed");
  const auto told = refused.json();
  CHECK_EQ(told.at("line").as_int64(), 3);
  const auto& wrong = told.at("errors").at(0);
  CHECK_EQ(wrong.at("pointer").as_string(), "/source");
  CHECK_EQ(wrong.at("detail").as_string(), "line 3: unexpected symbol near <eof>");
}

SCENARIO("a body that is not right is refused before anybody is asked") {
  scene s;
  const auto put = [&](const std::string& body) { return s.send("PUT", "/v1/functions/discount", body).status; };
  CHECK_EQ(put("{}"), 422u);
  CHECK_EQ(put(R"({"source":7})"), 422u);
  CHECK_EQ(put(R"({"source":""})"), 422u);
  CHECK_EQ(put(R"({"source":"return 1","other":1})"), 422u);
  CHECK_EQ(put(R"({"source":")" + std::string(65'537, ' ') + "\"}"), 422u);
  CHECK_EQ(put("{"), 400u);
  CHECK_EQ(s.send("POST", "/v1/functions/discount/rollback", R"({"version":0})").status, 422u);
  CHECK_EQ(s.send("POST", "/v1/functions/discount/invoke", "{").status, 400u);
  for (const auto* name : {"Discount", "a--b", "9", "a_b"})
    CHECK_EQ(s.send("PUT", std::string{"/v1/functions/"} + name, R"({"source":"return 1"})").status, 404u);
  CHECK(s.told->puts.empty());
  CHECK(s.told->calls.empty());
}

SCENARIO("the result of a call is JSON as the function made it") {
  scene s;
  const auto ran = s.send("POST", "/v1/functions/discount/invoke", R"({"total": 9007199254740993})");
  CHECK_EQ(ran.status, 200u);
  CHECK_EQ(ran.body, R"({"result":{"a":[1,2.5,null]}})");
  REQUIRE_EQ(s.told->calls.size(), 1u);
  CHECK_EQ(s.told->calls[0].input, R"({"total": 9007199254740993})");
}

SCENARIO("triggers and a guard are registered with the source") {
  scene s;
  const auto made =
    s.send("PUT", "/v1/functions/discount",
           R"({"source":"return 1","triggers":["order.*","user.registered"],"guard":{"on_failure":"allow"}})");
  CHECK_EQ(made.status, 201u);
  REQUIRE_EQ(s.told->puts.size(), 1u);
  CHECK_EQ(s.told->puts[0].triggers, (std::vector<std::string>{"order.*", "user.registered"}));
  REQUIRE(s.told->puts[0].guard.has_value());
  CHECK(s.told->puts[0].guard->on_failure == function::guard_failure::allow);
  const auto pointer_of = [&](const std::string& members) {
    const auto refused = s.send("PUT", "/v1/functions/discount", R"({"source":"return 1",)" + members + '}');
    CHECK_EQ(refused.status, 422u);
    return std::string{refused.json().at("errors").at(0).at("pointer").as_string()};
  };
  CHECK_EQ(pointer_of(R"("triggers":"order.*")"), "/triggers");
  CHECK_EQ(pointer_of(R"("triggers":["Order"])"), "/triggers");
  CHECK_EQ(pointer_of(R"("triggers":[7])"), "/triggers");
  CHECK_EQ(pointer_of(R"("guard":true)"), "/guard");
  const auto none = s.send("PUT", "/v1/functions/discount", R"({"source":"return 1","triggers":[],"guard":null})");
  CHECK_EQ(none.status, 201u);
  CHECK(!s.told->puts[1].guard.has_value());
  CHECK_EQ(pointer_of(R"("guard":{})"), "/guard/on_failure");
  CHECK_EQ(pointer_of(R"("guard":{"on_failure":"perhaps"})"), "/guard/on_failure");
  CHECK_EQ(pointer_of(R"("guard":{"on_failure":"allow","other":1})"), "/guard/other");
  CHECK_EQ(s.told->puts.size(), 2u);
}

SCENARIO("how far a function has come with its events is shown, under a tag that changes with it") {
  scene s;
  s.told->progress = trigger_view{"00000000000010000000000002", milliseconds{40}, {}};
  s.told->progress->progress.handled = 7;
  s.told->progress->progress.notified = 5;
  s.told->progress->progress.skipped = 1;
  s.told->progress->progress.last_failure = function::trigger_failure{
    {function_id{"fun_discount"}, "evt_ord_1.7", "order.delivered", "raised", "no price", 3, 3}, timestamp{}};
  const auto shown = s.send("GET", "/v1/functions/discount");
  const auto progress = shown.json().at("progress");
  CHECK_EQ(progress.at("position").as_string(), "00000000000010000000000002");
  CHECK_EQ(progress.at("lag_ms").as_int64(), 40);
  CHECK_EQ(progress.at("handled").as_int64(), 7);
  CHECK_EQ(progress.at("notifications").as_int64(), 5);
  CHECK_EQ(progress.at("skipped").as_int64(), 1);
  CHECK_EQ(progress.at("last_error").at("event_id").as_string(), "evt_ord_1.7");
  CHECK_EQ(progress.at("last_error").at("message").as_string(), "no price");
  CHECK_EQ(progress.at("last_error").at("line").as_int64(), 3);
  const auto tag = shown.header("ETag");
  CHECK(tag.starts_with("\"4."));
  CHECK_EQ(s.send("GET", "/v1/functions/discount", "", {{"If-None-Match", tag}}).status, 304u);
  s.told->progress->progress.handled = 8;
  const auto later = s.send("GET", "/v1/functions/discount", "", {{"If-None-Match", tag}});
  CHECK_EQ(later.status, 200u);
  // Who changes the function names the version that they saw.
  CHECK_EQ(s.send("PUT", "/v1/functions/discount", R"({"source":"return 1"})", {{"If-Match", tag}}).status, 201u);
  CHECK_EQ(s.told->puts[0].expected_version, 4u);
}

SCENARIO("a call that fails is told with its line") {
  scene s;
  s.told->error = function_error{"raised", "no price", 7};
  const auto failed = s.send("POST", "/v1/functions/discount/invoke", "{}");
  CHECK_EQ(failed.status, 422u);
  CHECK_EQ(failed.text("code"), "function_failed");
  CHECK_EQ(failed.text("detail"), "line 7: no price");
  CHECK_EQ(failed.json().at("line").as_int64(), 7);
  s.told->error = function_error{"result", "it is no JSON", 0};
  const auto no_line = s.send("POST", "/v1/functions/discount/invoke", "{}");
  CHECK_EQ(no_line.text("detail"), "it is no JSON");
  CHECK(!no_line.json().as_object().contains("line"));
}

SCENARIO("failures of the entities are the problems that clients know") {
  scene s;
  const auto status_with = [&](ec code) {
    s.told->failure = code;
    return s.send("POST", "/v1/functions/discount/invoke", "{}").status;
  };
  CHECK_EQ(status_with(ec::not_found), 404u);
  CHECK_EQ(status_with(ec::overloaded), 503u);
  s.told->failure = ec::conflict;
  CHECK_EQ(s.send("DELETE", "/v1/functions/calculate-total").status, 409u);
  s.told->failure = ec::version_mismatch;
  CHECK_EQ(s.send("PUT", "/v1/functions/discount", R"({"source":"return 1"})", {{"If-Match", "\"9\""}}).status, 412u);
  s.told->failure = ec::none;
  CHECK_EQ(s.send("DELETE", "/v1/functions/discount").status, 204u);
}

SCENARIO("versions are listed, the newest first, and called again by their number") {
  scene s;
  const auto versions = s.send("GET", "/v1/functions/discount/versions").json();
  const auto& items = versions.at("items").as_array();
  REQUIRE_EQ(items.size(), 3u);
  CHECK_EQ(items[0].at("version").as_int64(), 3);
  CHECK_EQ(items[0].at("source").as_string(), "return 3");
  CHECK(!items[0].at("current").as_bool());
  CHECK(items[1].at("current").as_bool());
  CHECK(versions.at("next_cursor").is_null());
  CHECK_EQ(s.send("POST", "/v1/functions/discount/rollback", R"({"version":1})").status, 200u);
  REQUIRE_EQ(s.told->roll_backs.size(), 1u);
  CHECK_EQ(s.told->roll_backs[0].number, 1u);
}

SCENARIO("what is built in is shown without asking anybody") {
  scene s;
  s.told->failure = ec::unavailable;
  const auto shown = s.send("GET", "/v1/functions/calculate-total");
  CHECK_EQ(shown.status, 200u);
  CHECK(shown.json().at("built_in").as_bool());
  CHECK_EQ(shown.header("ETag"), "\"1\"");
  CHECK_EQ(s.send("GET", "/v1/functions/calculate-total", "", {{"If-None-Match", "\"1\""}}).status, 304u);
  CHECK_EQ(s.send("GET", "/v1/functions/calculate-total/versions").json().at("items").as_array().size(), 1u);
}

SCENARIO("the list has what is registered and what is built in, by name, in pages") {
  scene s;
  const auto names = [&](const std::string& query) {
    const auto page = s.send("GET", "/v1/functions" + query).json();
    std::string text;
    for (const auto& item : page.at("items").as_array())
      text += std::string{item.at("name").as_string()} + ' ';
    if (const auto* cursor = page.at("next_cursor").if_string())
      text += "-> " + std::string{*cursor};
    return text;
  };
  for (const auto* name : {"a", "d", "z"})
    s.gateway->state->functions.functions.push_back(listed(name));
  CHECK_EQ(names(""), "a calculate-total d format-order validate-email z ");
  auto first = names("?limit=2");
  REQUIRE(first.starts_with("a calculate-total -> "));
  const auto cursor = first.substr(first.find("-> ") + 3);
  names("?limit=2&cursor=" + cursor);
  CHECK_EQ(s.gateway->state->function_lists.back().after, "calculate-total");
  CHECK_EQ(s.send("GET", "/v1/functions?cursor=nonsense").status, 400u);
  // The page of what is registered ends before what is built in begins.
  s.gateway->state->functions.functions.resize(2);
  s.gateway->state->functions.more = true;
  CHECK(names("?limit=4").starts_with("a calculate-total d -> "));
}

SCENARIO("a condition on a function that is not there holds only if it asks for that") {
  scene s;
  const auto put = [&](const std::string& name, const std::string& value) {
    return s.send("PUT", "/v1/functions/new", R"({"source":"return 1"})", {{name, value}}).status;
  };
  CHECK_EQ(put("If-None-Match", "*"), 412u);
  CHECK_EQ(put("If-Match", "*"), 201u);
  s.told->missing = true;
  CHECK_EQ(put("If-None-Match", "*"), 201u);
  CHECK_EQ(put("If-None-Match", "\"4\""), 201u);
  CHECK_EQ(put("If-Match", "*"), 412u);
  CHECK_EQ(put("If-Match", "\"3\", \"4\""), 412u);
  CHECK_EQ(s.told->puts.size(), 3u);
  // Nothing else is made by its condition.
  CHECK_EQ(s.send("DELETE", "/v1/functions/new", "", {{"If-None-Match", "*"}}).status, 404u);
}

SCENARIO("there is an end to how many functions there can be") {
  scene s;
  for (int i = 0; i < 200; ++i)
    s.gateway->state->functions.functions.push_back(listed("f" + std::to_string(i)));
  CHECK_EQ(s.send("PUT", "/v1/functions/one-more", R"({"source":"return 1"})").status, 409u);
  CHECK_EQ(s.send("PUT", "/v1/functions/f7", R"({"source":"return 1"})").status, 201u);
}
