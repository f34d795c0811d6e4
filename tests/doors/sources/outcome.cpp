#define CAF_SUITE doors.outcome

#include "doors/sources/outcome.hpp"
#include "domain/json/json_writer.hpp"

#include <boost/json/parse.hpp>

#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::source_door;

namespace {

order_answer problem(unsigned status, std::string_view code, std::size_t errors = 0) {
  json_writer out;
  out.begin_object().member("status", status).member("code", code).member("detail", "why");
  out.key("errors").begin_array();
  for (std::size_t i = 0; i < errors; ++i)
    out.begin_object().member("pointer", "/no_such_member").end_object();
  return {status, {}, out.end_array().end_object().take()};
}

} // namespace

SCENARIO("an order that was placed is, and what is wrong with a message makes it a dead letter") {
  CHECK(judge({201, {}, "{}"}, 1) == outcome::placed);
  CHECK(judge({200, {}, "{}"}, 1) == outcome::placed);
  CHECK(judge(problem(400, "validation_failed"), 1) == outcome::dead);
  CHECK(judge(problem(409, "conflict"), 1) == outcome::dead);
  CHECK(judge(problem(413, "payload_too_large"), 1) == outcome::dead);
  CHECK(judge(problem(415, "unsupported_media_type"), 1) == outcome::dead);
  CHECK(judge(problem(422, "idempotency_key_reused"), 1) == outcome::dead);
}

SCENARIO("what may pass, and what is wrong with the key of the source, is tried again for ever") {
  for (const auto status : {401U, 403U, 408U, 425U, 429U, 502U, 503U, 504U})
    CHECK(judge(problem(status, "any"), 1'000) == outcome::retried);
  CHECK(judge(problem(409, "idempotency_in_progress"), 1'000) == outcome::retried);
}

SCENARIO("a message that is answered with defects is a dead letter in the end") {
  CHECK(is_defect(problem(500, "internal")));
  CHECK(!is_defect(problem(503, "unavailable")));
  CHECK(judge(problem(500, "internal"), 1) == outcome::retried);
  CHECK(judge(problem(500, "internal"), most_defects - 1) == outcome::retried);
  CHECK(judge(problem(500, "internal"), most_defects) == outcome::dead);
}

SCENARIO("a dead letter has the problem, whose list of errors is left out when it is long") {
  const auto answer = problem(422, "validation_failed", 3);
  const auto whole = rejection_of(answer);
  CHECK_EQ(whole.problem, answer.body);
  CHECK_EQ(whole.code, "validation_failed");
  CHECK_EQ(whole.status, 422u);
  const auto shorter = rejection_of(problem(422, "validation_failed", 10'000));
  CHECK(shorter.problem.size() < 100);
  const auto read = boost::json::parse(shorter.problem).as_object();
  CHECK(read.at("code") == "validation_failed");
  CHECK(read.at("detail") == "why");
  CHECK(!read.contains("errors"));
}

SCENARIO("an answer that is no problem, and a message that cannot be read, make problems of their own") {
  CHECK_EQ(rejection_of({418, {}, "<html>"}).code, "internal");
  const auto fault = unreadable("the message has no message_id");
  CHECK_EQ(fault.status, 422u);
  const auto read = boost::json::parse(fault.problem).as_object();
  CHECK(read.at("code") == "validation_failed");
  CHECK(read.at("type") == "urn:waybill:problem:validation_failed");
  CHECK(read.at("detail") == "the message has no message_id");
}
