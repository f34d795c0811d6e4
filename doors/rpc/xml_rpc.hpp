#pragma once

#include "doors/rpc/call.hpp"

#include <string>
#include <string_view>
#include <variant>

/// XML-RPC (http://xmlrpc.com/spec.md), with `nil` and `i8` as most libraries know them.
namespace waybill::rpc {

std::variant<call, fault> read_xml_call(std::string_view text);

/// A methodResponse with the result or the fault.
std::string write_xml_response(const outcome& result);

} // namespace waybill::rpc
