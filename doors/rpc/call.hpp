#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <string>
#include <string_view>
#include <variant>

/// Calls and their outcomes, in whichever protocol they came. Values are those of JSON.
namespace waybill::rpc {

/// What a call asks for: parameters by position, or by name (JSON-RPC only).
struct call {
  std::string method;
  std::variant<boost::json::array, boost::json::object> parameters;
};

/// Codes of faults. Clients compare them: they never change. Those below zero are of "Specification for Fault Code
/// Interoperability" (XML-RPC) and of JSON-RPC 2.0, section 5.1; the first three digits of the others are the status
/// that HTTP has for the same problem.
enum class fault_code : int {
  /// The text is no XML or JSON.
  parse_error = -32700,
  /// It is no call, or a batch that is empty or too long.
  invalid_request = -32600,
  method_not_found = -32601,
  invalid_parameters = -32602,
  /// A defect; please report it with the request id.
  internal = -32603,
  forbidden = 4030,
  /// There is no such order for the caller.
  not_found = 4040,
  /// The status of the order does not allow it.
  illegal_transition = 4090,
  conflict = 4091,
  version_mismatch = 4120,
  /// The idempotency key was used before with another payment.
  key_reused = 4220,
  /// Too many calls; try again later.
  rate_limited = 4290,
  /// A part of the system cannot answer now; trying again is safe.
  unavailable = 5030
};

struct fault {
  fault_code code = fault_code::internal;
  /// The word of the problem (docs/doors.md), and a sentence for people.
  std::string word;
  std::string detail;
};

using outcome = std::variant<boost::json::value, fault>;

inline fault invalid_request(std::string detail) {
  return {fault_code::invalid_request, "invalid_request", std::move(detail)};
}

inline fault invalid_parameters(std::string detail) {
  return {fault_code::invalid_parameters, "invalid_parameters", std::move(detail)};
}

} // namespace waybill::rpc
