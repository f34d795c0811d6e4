#include "domain/function/answers.hpp"

#include "domain/base/errors.hpp"

#include <string>

#define CAF_SUITE domain.function_answers
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::function;

namespace {

/// What a customer is told, `nothing`, or `wrong`.
std::string told(const std::string& json) {
  const auto answer = read_trigger_answer(json);
  if (!answer)
    return answer.error().code == ec::invalid_argument && !answer.error().detail.empty() ? "wrong" : "another error";
  if (!*answer)
    return "nothing";
  return (*answer)->text + ((*answer)->customer.empty() ? "" : " to " + (*answer)->customer);
}

/// `pass`, `refuse: reason`, what is noted, or `wrong`.
std::string judged(const std::string& json) {
  const auto answer = read_guard_answer(json);
  if (!answer)
    return answer.error().code == ec::invalid_argument && !answer.error().detail.empty() ? "wrong" : "another error";
  if (answer->refusal)
    return "refuse: " + *answer->refusal;
  std::string noted;
  for (const auto& [key, text] : answer->metadata)
    noted += key + '=' + text + ' ';
  return noted.empty() ? "pass" : noted;
}

std::string repeated(const std::string& text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i)
    all += text;
  return all;
}

} // namespace

SCENARIO("a function that is called for an event may want a customer to be told") {
  CHECK_EQ(told("null"), "nothing");
  CHECK_EQ(told(R"({"notification":{"text":"Thank you."}})"), "Thank you.");
  CHECK_EQ(told(R"({"notification":{"customer_id":"cus_00000000000000000001","text":"Hi"}})"),
           "Hi to cus_00000000000000000001");
  CHECK_EQ(told(R"({"notification":{"text":")" + repeated("\xC3\xA4", 500) + "\"}}"), repeated("\xC3\xA4", 500));
}

SCENARIO("what a called function answers otherwise is wrong") {
  for (const auto* json :
       {"", "true", "7", "[]", "{}", R"({"text":"Hi"})", R"({"notification":"Hi"})", R"({"notification":{}})",
        R"({"notification":{"text":""}})", R"({"notification":{"text":"  "}})", R"({"notification":{"text":7}})",
        R"({"notification":{"text":"a\u0007"}})", R"({"notification":{"text":"Hi","title":"Hi"}})",
        R"({"notification":{"text":"Hi","customer_id":"Ada"}})", R"({"notification":{"text":"Hi"},"other":1})"})
    CHECK_EQ(told(json), "wrong");
  CHECK_EQ(told(R"({"notification":{"text":")" + repeated("a", 501) + "\"}}"), "wrong");
}

SCENARIO("a guard passes, refuses or notes") {
  CHECK_EQ(judged("null"), "pass");
  CHECK_EQ(judged("true"), "pass");
  CHECK_EQ(judged(R"({"refuse":"We are closed."})"), "refuse: We are closed.");
  CHECK_EQ(judged(R"({"metadata":{"tier":"gold","shop.id":"7"}})"), "shop.id=7 tier=gold ");
  CHECK_EQ(judged(R"({"metadata":{}})"), "pass");
}

SCENARIO("what a guard answers otherwise is wrong, also false, which could mean either") {
  for (const auto* json :
       {"", "false", "0", "[]", "{}", "\"no\"", R"({"refuse":""})", R"({"refuse":true})", R"({"refuse":"a\nb"})",
        R"({"refuse":"no","metadata":{}})", R"({"metadata":[]})", R"({"metadata":{"a":1}})", R"({"metadata":{"":"a"}})",
        R"({"metadata":{"Tier":"a"}})", R"({"metadata":{"a":"\u0000"}})", R"({"pass":true})"})
    CHECK_EQ(judged(json), "wrong");
}

SCENARIO("metadata is small") {
  std::string entries;
  for (int i = 0; i < 20; ++i)
    entries += (i == 0 ? "" : ",") + ("\"k" + std::to_string(i)) + "\":\"" + repeated("x", 200) + '"';
  const auto most = read_guard_answer("{\"metadata\":{" + entries + "}}");
  REQUIRE(most.has_value());
  CHECK_EQ(most->metadata.size(), 20u);
  CHECK_EQ(judged("{\"metadata\":{" + entries + R"(,"more":""}})"), "wrong");
  CHECK_EQ(judged("{\"metadata\":{\"a\":\"" + repeated("x", 201) + "\"}}"), "wrong");
  CHECK_EQ(judged("{\"metadata\":{\"" + repeated("k", 41) + "\":\"\"}}"), "wrong");
}
