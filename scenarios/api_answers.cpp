#include "scenarios/api_answers.hpp"

#include <boost/json/parse.hpp>

#include <stdexcept>

namespace json = boost::json;

namespace waybill::scenarios {

void give_up(const std::string& why) {
  throw std::runtime_error{why};
}

json::value parse(const outbound::http_response& answer, const std::string& request) {
  boost::system::error_code code;
  auto out = json::parse(answer.body, code);
  if (code || !out.is_object())
    give_up(request + " answered with something that is not a JSON object");
  return out;
}

std::string text_of(const json::value& object, const char* key) {
  const auto* value = object.is_object() ? object.get_object().if_contains(key) : nullptr;
  return value != nullptr && value->is_string() ? std::string{value->get_string()} : std::string{};
}

std::string problem_of(const outbound::http_response& answer) {
  boost::system::error_code code;
  const auto body = json::parse(answer.body, code);
  if (code)
    return {};
  const auto word = text_of(body, "code");
  const auto detail = text_of(body, "detail");
  return (word.empty() ? "" : " " + word) + (detail.empty() ? "" : ": " + detail);
}

void give_up_on(const std::string& request, const outbound::http_response& answer) {
  give_up(request + " answered " + std::to_string(answer.status) + problem_of(answer));
}

} // namespace waybill::scenarios
