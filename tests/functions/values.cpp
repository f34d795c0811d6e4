#include "functions/sandbox.hpp"

#include <string>

#define CAF_SUITE functions.values
#include <caf/test/bdd_dsl.hpp>

using namespace waybill::sandbox;

namespace {

std::string back(const std::string& json) {
  const auto done = run("return input", json);
  return done.error ? to_text(*done.error) : done.result;
}

std::string returned(const std::string& expression) {
  const auto done = run("return " + expression, "null");
  return done.error ? to_text(*done.error) : done.result;
}

} // namespace

SCENARIO("what goes through a function unchanged comes out as it was") {
  for (const auto* json :
       {"null", "true", "false", "0", "-1", "9223372036854775807", "-9223372036854775808", "1.5", "\"a\\\"b\\n\"", "[]",
        "{}", "[[],{}]", "[null,1]", R"({"a":null,"b":[1,{"c":[]}]})", R"("Ærø 😀")"})
    CHECK_EQ(back(json), json);
}

SCENARIO("whole numbers stay exact") {
  CHECK_EQ(returned("9007199254740993 + 0"), "9007199254740993");
  CHECK_EQ(back("[9007199254740993]"), "[9007199254740993]");
  CHECK_EQ(back("18446744073709551615"), "a whole number in the input is too large");
  CHECK_EQ(returned("7 // 2"), "3");
}

SCENARIO("numbers that JSON does not have are refused") {
  for (const auto* expression : {"0/0", "1/0", "-1/0", "{a = {1, 0/0}}"})
    CHECK_EQ(returned(expression), "what it returns is no JSON: a number in it is infinite or not a number");
}

SCENARIO("null is a value of its own, and nothing is null") {
  CHECK_EQ(returned("{a = null}"), R"({"a":null})");
  CHECK_EQ(returned("{a = nil}"), "{}");
  CHECK_EQ(returned("null == nil"), "false");
}

SCENARIO("a list is a table with the keys 1 to n, or one that is marked") {
  CHECK_EQ(returned("{1, 2}"), "[1,2]");
  CHECK_EQ(returned("array{}"), "[]");
  CHECK_EQ(returned("{}"), "{}");
  CHECK_EQ(returned("{1, nil, 3}"), "what it returns is no JSON: a table has numbers as keys that are not 1 to 2");
  CHECK_EQ(returned("{[0] = 1}"), "what it returns is no JSON: a table has numbers as keys that are not 1 to 1");
  CHECK_EQ(returned("{1, a = 2}"), "what it returns is no JSON: a table has both texts and numbers as keys");
  CHECK_EQ(returned("{[1.5] = 1}"),
           "what it returns is no JSON: a table has a key that is neither a text nor a whole number");
}

SCENARIO("members are written in the order of their names") {
  CHECK_EQ(returned("{b = 1, a = 2, c = {z = 1, y = 2}}"), R"({"a":2,"b":1,"c":{"y":2,"z":1}})");
}

SCENARIO("what is no JSON is refused") {
  CHECK_EQ(returned("tostring"), "what it returns is no JSON: a function is no value of JSON");
  CHECK_EQ(returned("'\\xff'"), "what it returns is no JSON: a text in it is not UTF-8");
  CHECK_EQ(returned("{['\\xff'] = 1}"), "what it returns is no JSON: a text in it is not UTF-8");
}

SCENARIO("a result that is too large or too deep is refused, however small its parts are") {
  const auto grow = [](const std::string& step) {
    const auto done = run("local t = {'x'} for i = 1, 31 do " + step + " end return t", "null");
    return done.error ? done.error->message : "done";
  };
  CHECK_EQ(grow("t = {t, t}"), "what it returns is no JSON: it has more than 262144 octets");
  CHECK_EQ(grow("t = {a = t, b = t}"), "what it returns is no JSON: it has more than 262144 octets");
  const auto deep = run("local t = {} for i = 1, 40 do t = {t} end return t", "null");
  CHECK_EQ(deep.error->message,
           "what it returns is no JSON: it has more than 32 levels, or a table holds itself");
  limits hasty;
  hasty.time = waybill::milliseconds{50};
  const auto empty = run("local e = {} for i = 1, 60000 do e[i] = i end for i = 1, 60000 do e[i] = nil end\n"
                         "local t = {} for i = 1, 100000 do t[i] = e end return t",
                         "null", hasty);
  CHECK_EQ(empty.error->kind, error_kind::result);
}

SCENARIO("input that is no JSON is refused") {
  const auto done = run("return 1", "{");
  CHECK_EQ(done.error->kind, error_kind::input);
}
