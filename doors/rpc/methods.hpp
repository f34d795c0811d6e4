#pragma once

#include "doors/rpc/call.hpp"

#include <optional>
#include <span>
#include <string_view>
#include <vector>

/// The methods, for both protocols.
namespace waybill::rpc {

enum class method_id : std::uint8_t { process_payment, payment_status, list_methods, method_signature, method_help };

/// All parameters are strings, and all methods answer with something.
struct method {
  method_id id;
  std::string_view name;
  /// As XML-RPC names types: of the result.
  std::string_view result;
  std::span<const std::string_view> parameters;
  /// The first of them that must be there.
  std::size_t required = 0;
  std::string_view help;
};

/// Null when there is none of that name.
const method* find_method(std::string_view name) noexcept;

/// The arguments of a call in the order of the method's parameters; optional ones that were left out, or are null, are
/// not there.
std::variant<std::vector<std::string>, fault> bind(const method& to, const call& from);

/// The outcome of the `system.` methods, which need nothing but this table.
outcome describe(const method& which, const std::vector<std::string>& arguments);

/// The fault of a method that does not exist.
fault no_such_method(std::string_view name);

} // namespace waybill::rpc
