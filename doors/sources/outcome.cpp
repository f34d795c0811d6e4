#include "doors/sources/outcome.hpp"

#include "domain/json/json_writer.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <string_view>
#include <utility>

namespace waybill::source_door {

namespace {

namespace json = boost::json;

/// Headers of a message have to fit into one frame of a broker.
constexpr std::size_t longest_problem = 16U << 10U;

json::object problem_in(const order_answer& answer) {
  json::error_code wrong;
  auto parsed = json::parse(answer.body, wrong);
  return !wrong && parsed.is_object() ? std::move(parsed.get_object()) : json::object{};
}

std::string text_in(const json::object& problem, std::string_view member) {
  const auto* value = problem.if_contains(member);
  return value != nullptr && value->is_string() ? std::string{value->get_string()} : std::string{};
}

brokers::rejection make_rejection(unsigned status, std::string code, std::string_view detail) {
  json_writer out;
  out.begin_object()
    .member("type", "urn:waybill:problem:" + code)
    .member("status", status)
    .member("detail", detail)
    .member("code", code)
    .end_object();
  return {out.take(), std::move(code), status};
}

} // namespace

bool is_defect(const order_answer& answer) noexcept {
  return answer.status >= 500 && answer.status != 502 && answer.status != 503 && answer.status != 504;
}

outcome judge(const order_answer& answer, unsigned defects) {
  if (is_defect(answer))
    return defects < most_defects ? outcome::retried : outcome::dead;
  switch (answer.status) {
    case 401:
    case 403:
    case 408:
    case 425:
    case 429:
    case 502:
    case 503:
    case 504: return outcome::retried;
    case 409:
      return text_in(problem_in(answer), "code") == "idempotency_in_progress" ? outcome::retried : outcome::dead;
    default: return answer.status >= 200 && answer.status < 300 ? outcome::placed : outcome::dead;
  }
}

brokers::rejection rejection_of(const order_answer& answer) {
  auto problem = problem_in(answer);
  auto code = text_in(problem, "code");
  if (code.empty())
    return make_rejection(answer.status, "internal", "the answer is no problem");
  if (answer.body.size() <= longest_problem)
    return {answer.body, std::move(code), answer.status};
  problem.erase("errors");
  auto shorter = json::serialize(problem);
  if (shorter.size() > longest_problem)
    return make_rejection(answer.status, std::move(code), "too long to be told");
  return {std::move(shorter), std::move(code), answer.status};
}

brokers::rejection unreadable(const std::string& fault) {
  return make_rejection(422, "validation_failed", fault);
}

} // namespace waybill::source_door
