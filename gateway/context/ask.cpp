#include "gateway/context/ask.hpp"

#include "domain/base/errors.hpp"
#include "messages/failures.hpp"

namespace waybill::http {

failure to_failure(const caf::error& reason) {
  return waybill::to_failure(reason, "this part of the system cannot be reached now");
}

namespace detail {

failure not_running() {
  return {ec::unavailable, "this part of the system is not running"};
}

failure not_awaited() {
  return {ec::shutting_down, "no longer waited for"};
}

} // namespace detail

} // namespace waybill::http
