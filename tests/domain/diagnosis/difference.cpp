#include "domain/diagnosis/difference.hpp"

#include "domain/base/errors.hpp"

#define CAF_SUITE domain.difference
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;

namespace {

std::string changes(std::string_view before, std::string_view after) {
  const auto all = diagnosis::differences_between(before, after);
  if (all.has_error())
    return std::string{to_string(all.error().code)};
  std::string text;
  for (const auto& change : *all)
    text += change.pointer + ":" + change.before + ">" + change.after + " ";
  return text;
}

} // namespace

SCENARIO("the difference of two documents names changed, added and removed values at any depth") {
  CHECK_EQ(changes(R"({"a":1,"b":{"c":[1,2]}})", R"({"a":1,"b":{"c":[1,2]}})"), "");
  CHECK_EQ(changes(R"({"a":1,"b":2})", R"({"b":3,"c":"x"})"), R"(/a:1> /b:2>3 /c:>"x" )");
  CHECK_EQ(changes(R"({"lines":[{"q":1},{"q":2}]})", R"({"lines":[{"q":1},{"q":5},{"q":7}]})"),
           R"(/lines/1/q:2>5 /lines/2:>{"q":7} )");
  CHECK_EQ(changes(R"({"a":null})", R"({"a":{}})"), "/a:null>{} ");
}

SCENARIO("the names in a pointer are escaped") {
  CHECK_EQ(changes(R"({"a/b":1,"c~d":1})", "{}"), "/a~1b:1> /c~0d:1> ");
}

SCENARIO("a text that is not JSON is refused") {
  CHECK_EQ(changes("{", "{}"), to_string(ec::unreadable));
  CHECK_EQ(changes("{}", "no"), to_string(ec::unreadable));
}
