#include "domain/base/errors.hpp"

#include <stdexcept>

namespace waybill {

std::string_view to_string(ec code) noexcept {
  switch (code) {
    case ec::none: return "none";
    case ec::not_found: return "not_found";
    case ec::illegal_transition: return "illegal_transition";
    case ec::version_mismatch: return "version_mismatch";
    case ec::idempotency_key_reused: return "idempotency_key_reused";
    case ec::duplicate: return "duplicate";
    case ec::invalid_argument: return "invalid_argument";
    case ec::product_withdrawn: return "product_withdrawn";
    case ec::out_of_stock: return "out_of_stock";
    case ec::deadline_exceeded: return "deadline_exceeded";
    case ec::conflict: return "conflict";
    case ec::unavailable: return "unavailable";
    case ec::overloaded: return "overloaded";
    case ec::timed_out: return "timed_out";
    case ec::unreadable: return "unreadable";
    case ec::provider_refused: return "provider_refused";
    case ec::incompatible_peer: return "incompatible_peer";
    case ec::shutting_down: return "shutting_down";
    case ec::internal: return "internal";
    case ec::moved: return "moved";
    case ec::unauthenticated: return "unauthenticated";
    case ec::cursor_expired: return "cursor_expired";
    case ec::idempotency_in_progress: return "idempotency_in_progress";
  }
  return "internal";
}

void throw_exception_from_error(const failure& reason, const boost::source_location&) {
  throw std::runtime_error(std::string{to_string(reason.code)} + ": " + reason.detail);
}

} // namespace waybill
