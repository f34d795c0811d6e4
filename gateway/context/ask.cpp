#include "gateway/context/ask.hpp"

#include "messages/type_ids.hpp"

#include <caf/sec.hpp>

namespace waybill::http {

failure to_failure(const caf::error& reason) {
  if (reason.category() == caf::type_id_v<ec>) {
    std::string detail;
    if (const auto context = reason.context(); context.match_elements<std::string>())
      detail = context.get_as<std::string>(0);
    return {static_cast<ec>(reason.code()), std::move(detail)};
  }
  if (reason == caf::sec::request_timeout)
    return {ec::timed_out, "no answer in time"};
  return {ec::unavailable, "this part of the system cannot be reached now"};
}

} // namespace waybill::http
