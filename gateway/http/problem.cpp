#include "gateway/http/problem.hpp"

#include "domain/base/errors.hpp"
#include "domain/json/json_writer.hpp"

#include <boost/beast/http/status.hpp>

namespace waybill::http {

namespace {

/// Asks the client to come back after a second.
problem later(std::string_view code, std::string detail) {
  return {503, code, std::move(detail), {}, {{"Retry-After", "1"}}};
}

} // namespace

problem to_problem(const failure& reason) {
  switch (reason.code) {
    case ec::not_found: return not_found(reason.detail);
    case ec::illegal_transition: return {409, "illegal_transition", reason.detail, {}, {}};
    case ec::version_mismatch: return {412, "version_mismatch", reason.detail, {}, {}};
    case ec::idempotency_key_reused: return {422, "idempotency_key_reused", reason.detail, {}, {}};
    case ec::idempotency_in_progress: return {409, "idempotency_in_progress", reason.detail, {}, {}};
    case ec::duplicate:
    case ec::conflict:
    case ec::provider_refused: return {409, "conflict", reason.detail, {}, {}};
    case ec::invalid_argument: return {422, "validation_failed", reason.detail, {}, {}};
    case ec::product_withdrawn: return not_found("the product is withdrawn");
    case ec::cursor_expired:
      return {
        410,
        "cursor_expired",
        "this position is not in the log: events behind it have been removed, or it is of a log that was replaced by "
        "another one; begin again with the oldest that are kept, after=earliest, or with what comes from now on, "
        "after=latest",
        {},
        {}};
    case ec::unauthenticated: return unauthenticated(reason.detail);
    case ec::out_of_stock: return {409, "insufficient_stock", reason.detail, {}, {}};
    case ec::overloaded: return later("overloaded", "too much work is under way");
    case ec::unavailable:
    case ec::timed_out:
    case ec::deadline_exceeded:
    case ec::moved:
    case ec::shutting_down:
      return later("unavailable", "a part of the system that is needed cannot answer now; trying again is safe");
    default: return {500, "internal", "an internal error; please report it with the request id", {}, {}};
  }
}

problem invalid_fields(unsigned status, std::vector<field_error> errors) {
  return {status, "validation_failed", "the request holds values that are not allowed", std::move(errors), {}};
}

problem unauthenticated(std::string detail) {
  return {401, "unauthenticated", std::move(detail), {}, {{"WWW-Authenticate", R"(Bearer realm="waybill")"}}};
}

problem not_found(std::string detail) {
  return {404, "not_found", detail.empty() ? "there is nothing here" : std::move(detail), {}, {}};
}

problem limit_reached(std::uint32_t most, std::string_view of_what) {
  return {409, "conflict", "the limit of " + std::to_string(most) + ' ' + std::string{of_what} + " is reached", {}, {}};
}

std::string_view phrase(unsigned status) noexcept {
  const auto text = boost::beast::http::obsolete_reason(static_cast<boost::beast::http::status>(status));
  return {text.data(), text.size()};
}

std::string to_json(const problem& error, std::string_view instance, std::string_view request_id) {
  json_writer out;
  out.begin_object()
    .member("type", "urn:waybill:problem:" + std::string{error.code})
    .member("title", phrase(error.status))
    .member("status", error.status)
    .member("detail", error.detail)
    .member("instance", instance)
    .member("code", error.code)
    .member("request_id", request_id);
  if (error.line != 0)
    out.member("line", error.line);
  if (!error.function.empty())
    out.member("function", error.function);
  if (!error.errors.empty()) {
    out.key("errors").begin_array();
    for (const auto& field : error.errors)
      out.begin_object().member("pointer", field.pointer).member("detail", field.detail).end_object();
    out.end_array();
  }
  return out.end_object().take();
}

} // namespace waybill::http
