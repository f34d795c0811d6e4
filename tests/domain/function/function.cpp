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
