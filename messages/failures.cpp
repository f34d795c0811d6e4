#include "messages/failures.hpp"

#include "domain/base/errors.hpp"
#include "messages/type_ids.hpp"

#include <caf/make_message.hpp>
#include <caf/sec.hpp>

#include <optional>
#include <string>

namespace waybill {

namespace {

/// What our actors and a time-out say; nothing for any other error.
std::optional<failure> find_failure(const caf::error& reason) {
  if (reason.category() == caf::type_id_v<ec>) {
    failure result{static_cast<ec>(reason.code()), {}};
    if (const auto& context = reason.context(); context.match_elements<std::string>())
      result.detail = context.get_as<std::string>(0);
    return result;
  }
  if (reason == caf::sec::request_timeout)
    return failure{ec::timed_out, "no answer in time"};
  return std::nullopt;
}

} // namespace

caf::error to_error(const failure& reason) {
  return caf::make_error(reason.code, reason.detail);
}

failure to_failure(const caf::error& reason) {
  if (auto known = find_failure(reason))
    return *std::move(known);
  return {ec::unavailable, "the actor that was asked gave no answer: " + caf::to_string(reason)};
}

failure to_failure(const caf::error& reason, std::string_view unavailable) {
  if (auto known = find_failure(reason))
    return *std::move(known);
  return {ec::unavailable, std::string{unavailable}};
}

} // namespace waybill
