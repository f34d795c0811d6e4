#include "domain/function/function.hpp"

#include "domain/base/errors.hpp"
#include "domain/json/codec.hpp"
#include "tests/domain/story.hpp"

#define CAF_SUITE domain.function
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::testing;

namespace {

using function_story = story<function::state, function::command, function::event, no_options>;

const order::person ada{"admin", "usr_1"};

function::put put(const std::string& source) {
  return {"discount", source, ada};
}

/// The numbers of the versions that are kept.
std::string kept(const function_story& story) {
  std::string text;
  for (const auto& each : story.state.versions)
    text += (text.empty() ? "" : " ") + std::to_string(each.number);
  return text;
}

} // namespace

SCENARIO("each source that is new makes a version, which is called from then on") {
  function_story story;
  CHECK(!function::is_there(story.state));
  CHECK_EQ(story.tell(put("return 1")), "function.registered");
  CHECK_EQ(story.tell(put("return 2")), "function.registered");
  CHECK_EQ(story.state.id.value, "fun_discount");
  CHECK_EQ(story.state.current, 2u);
  const auto* first = function::find_version(story.state, 1);
  REQUIRE(first != nullptr);
  CHECK_EQ(first->source, "return 1");
  CHECK_EQ(first->digest.size(), 64u);
  CHECK_EQ(first->by.id, "usr_1");
  CHECK(first->at == story.now);
}

SCENARIO("the source that is called already makes no version") {
  function_story story;
  story.tell(put("return 1"));
  CHECK_EQ(story.tell(put("return 1")), "nothing");
  story.tell(put("return 2"));
  CHECK_EQ(story.tell(put("return 1")), "function.registered");
  CHECK_EQ(story.state.current, 3u);
}

SCENARIO("an earlier version is called again after a roll-back, and numbers go on") {
  function_story story;
  CHECK_EQ(story.tell(function::roll_back{1, ada}), "not_found");
  story.tell(put("return 1"));
  story.tell(put("return 2"));
  CHECK_EQ(story.tell(function::roll_back{3, ada}), "not_found");
  CHECK_EQ(story.tell(function::roll_back{1, ada}), "function.rolled_back");
  CHECK_EQ(story.state.current, 1u);
  CHECK_EQ(story.tell(function::roll_back{1, ada}), "nothing");
  story.tell(put("return 3"));
  CHECK_EQ(story.state.current, 3u);
  CHECK_EQ(kept(story), "1 2 3");
}

SCENARIO("the last versions are kept, the one that is called among them") {
  function_story story;
  for (int i = 1; i <= 25; ++i)
    story.tell(put("return " + std::to_string(i)));
  CHECK_EQ(kept(story), "6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25");
  CHECK_EQ(story.tell(function::roll_back{5, ada}), "not_found");
  story.tell(function::roll_back{6, ada});
  REQUIRE(function::find_version(story.state, story.state.current) != nullptr);
  story.tell(put("return 26"));
  CHECK_EQ(story.state.current, 26u);
  CHECK_EQ(story.tell(function::roll_back{6, ada}), "not_found");
}

SCENARIO("a function that was removed is not there, and can be registered again") {
  function_story story;
  CHECK_EQ(story.tell(function::remove{ada}), "not_found");
  story.tell(put("return 1"));
  CHECK_EQ(story.tell(function::remove{ada}), "function.removed");
  CHECK_EQ(story.tell(function::remove{ada}), "nothing");
  CHECK(!function::is_there(story.state));
  CHECK_EQ(kept(story), "");
  CHECK_EQ(story.tell(function::roll_back{1, ada}), "not_found");
  CHECK_EQ(story.tell(put("return 1")), "function.registered");
  CHECK_EQ(story.state.current, 2u);
}

SCENARIO("triggers and guard belong to the version: a roll-back takes them back") {
  function_story story;
  auto watching = put("return nil");
  watching.triggers = {"order.delivered"};
  watching.guard = function::guard{function::guard_failure::allow};
  watching.log_end = "p1";
  story.tell(put("return nil"));
  CHECK(!function::acts_by_itself(story.state));
  CHECK_EQ(story.tell(watching), "function.registered");
  CHECK(function::has_triggers(story.state));
  CHECK(function::acts_by_itself(story.state));
  CHECK_EQ(story.state.current, 2u);
  CHECK_EQ(story.tell(watching), "nothing");
  watching.guard->on_failure = function::guard_failure::refuse;
  CHECK_EQ(story.tell(watching), "function.registered");
  const auto summary = function::summarize(story.state);
  CHECK_EQ(summary.triggers.size(), 1u);
  REQUIRE(summary.guard.has_value());
  CHECK(summary.guard->on_failure == function::guard_failure::refuse);
  CHECK_EQ(story.tell(function::roll_back{1, ada, "p2"}), "function.rolled_back");
  CHECK(!function::acts_by_itself(story.state));
  story.tell(function::remove{ada});
  CHECK(!function::acts_by_itself(story.state));
}

SCENARIO("triggers begin at the end of the log when there were none, and go on otherwise") {
  function_story story;
  auto watching = put("return 1");
  watching.triggers = {"order.*"};
  watching.log_end = "p1";
  story.tell(watching);
  CHECK_EQ(story.state.triggers_after, "p1");
  watching.source = "return 2";
  watching.triggers = {"order.placed"};
  watching.log_end = "p2";
  story.tell(watching);
  CHECK_EQ(story.state.triggers_after, "p1");
  story.tell(put("return 3"));
  CHECK_EQ(story.state.triggers_after, "p1");
  story.tell(function::roll_back{1, ada, "p4"});
  CHECK_EQ(story.state.triggers_after, "p4");
  story.tell(function::roll_back{2, ada, "p5"});
  CHECK_EQ(story.state.triggers_after, "p4");
  story.tell(function::remove{ada});
  watching.log_end = "p6";
  story.tell(watching);
  CHECK_EQ(story.state.triggers_after, "p6");
}

SCENARIO("a function that an older program stored has neither triggers nor a guard") {
  const auto stored = decode<function::state>(
    R"({"id":"fun_f","name":"f","current":1,"last":1,"versions":[{"number":1,"source":"return 1","digest":"ab",)"
    R"("by":{"kind":"admin","id":"usr_1"},"at":"2026-11-21T04:00:00.000000Z"}],)"
    R"("created_at":"2026-11-21T04:00:00.000000Z","updated_at":"2026-11-21T04:00:00.000000Z","version":1})");
  REQUIRE(stored.has_value());
  CHECK(function::is_there(*stored));
  CHECK(!function::acts_by_itself(*stored));
  CHECK_EQ(stored->versions[0].source, "return 1");
}

SCENARIO("a name is made of small letters, digits and single dashes") {
  for (const auto* good : {"a", "discount", "a1", "calculate-total", "a-b-c"})
    CHECK(function::is_name(good));
  for (const auto* bad : {"", "A", "1a", "-a", "a-", "a--b", "a_b", "a b", "a/b", "\xC3\xA4"})
    CHECK(!function::is_name(bad));
  CHECK(function::is_name(std::string(63, 'a')));
  CHECK(!function::is_name(std::string(64, 'a')));
  function_story story;
  CHECK_EQ(story.tell(function::put{"a b", "return 1", ada}), "invalid_argument");
}

SCENARIO("a list has no sources") {
  function_story story;
  story.tell(put("return 1"));
  const auto summary = function::summarize(story.state);
  CHECK_EQ(summary.name, "discount");
  CHECK_EQ(summary.current, 1u);
  CHECK_EQ(summary.digest, story.state.versions[0].digest);
  CHECK_EQ(encode(summary).find("return 1"), std::string::npos);
}
