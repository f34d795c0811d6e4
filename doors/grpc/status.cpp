#include "doors/grpc/status.hpp"

#include <google/rpc/error_details.pb.h>
#include <google/rpc/status.pb.h>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <string>

namespace waybill::grpc_door {

namespace {

namespace json = boost::json;
using ::grpc::StatusCode;

constexpr auto domain_of_reasons = "waybill";

std::string text_at(const json::object& problem, std::string_view name) {
  const auto* value = problem.if_contains({name.data(), name.size()});
  return value != nullptr && value->is_string() ? std::string{value->get_string().data(), value->get_string().size()}
                                                : std::string{};
}

std::string in_capitals(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return std::toupper(c); });
  return text;
}

void add_violations(const json::object& problem, google::rpc::Status& to) {
  const auto* errors = problem.if_contains("errors");
  if (errors == nullptr || !errors->is_array())
    return;
  google::rpc::BadRequest details;
  for (const auto& error : errors->get_array())
    if (error.is_object()) {
      auto& violation = *details.add_field_violations();
      violation.set_field(field_path(text_at(error.get_object(), "pointer")));
      violation.set_description(text_at(error.get_object(), "detail"));
    }
  to.add_details()->PackFrom(details);
}

void add_retry(const header_list& headers, google::rpc::Status& to) {
  for (const auto& [name, value] : headers) {
    if (name != "Retry-After")
      continue;
    std::int64_t seconds = 0;
    std::from_chars(value.data(), value.data() + value.size(), seconds);
    google::rpc::RetryInfo details;
    details.mutable_retry_delay()->set_seconds(seconds);
    to.add_details()->PackFrom(details);
  }
}

} // namespace

StatusCode code_of(unsigned status, std::string_view code) noexcept {
  switch (status) {
    case 400:
    case 422: return StatusCode::INVALID_ARGUMENT;
    case 401: return StatusCode::UNAUTHENTICATED;
    case 403: return StatusCode::PERMISSION_DENIED;
    case 404: return StatusCode::NOT_FOUND;
    case 409: {
      const bool may_pass = code == "conflict" || code == "idempotency_in_progress";
      return may_pass ? StatusCode::ABORTED : StatusCode::FAILED_PRECONDITION;
    }
    case 410: return StatusCode::OUT_OF_RANGE;
    case 412: return StatusCode::ABORTED;
    case 413:
    case 429: return StatusCode::RESOURCE_EXHAUSTED;
    case 503: return StatusCode::UNAVAILABLE;
    default: return StatusCode::INTERNAL;
  }
}

std::string field_path(std::string_view pointer) {
  std::string path;
  while (!pointer.empty()) {
    pointer.remove_prefix(1);
    const auto token = pointer.substr(0, pointer.find('/'));
    pointer.remove_prefix(token.size());
    const bool is_index = !token.empty() && std::ranges::all_of(token, [](char c) { return c >= '0' && c <= '9'; });
    if (is_index)
      path += '[' + std::string{token} + ']';
    else
      path += (path.empty() ? "" : ".") + std::string{token};
  }
  return path;
}

::grpc::Status to_status(const http_answer& answer) {
  if (!is_problem(answer))
    return ::grpc::Status::OK;
  json::error_code wrong;
  const auto parsed = json::parse(answer.body, wrong);
  const json::object problem = !wrong && parsed.is_object() ? parsed.get_object() : json::object{};
  const auto code = text_at(problem, "code");
  google::rpc::Status rich;
  rich.set_code(code_of(answer.status, code));
  rich.set_message(text_at(problem, "detail"));
  google::rpc::ErrorInfo info;
  info.set_reason(in_capitals(code));
  info.set_domain(domain_of_reasons);
  (*info.mutable_metadata())["http_status"] = std::to_string(answer.status);
  rich.add_details()->PackFrom(info);
  add_violations(problem, rich);
  add_retry(answer.headers, rich);
  if (const auto id = text_at(problem, "request_id"); !id.empty()) {
    google::rpc::RequestInfo request;
    request.set_request_id(id);
    rich.add_details()->PackFrom(request);
  }
  return {static_cast<StatusCode>(rich.code()), rich.message(), rich.SerializeAsString()};
}

} // namespace waybill::grpc_door
