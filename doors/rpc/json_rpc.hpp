#pragma once

#include "doors/rpc/call.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

/// JSON-RPC 2.0 (https://www.jsonrpc.org/specification).
namespace waybill::rpc {

/// As many calls as a batch may hold.
inline constexpr std::size_t most_calls = 50;

struct json_call {
  std::variant<call, fault> read;
  /// A string, a number or null; none for a notification, which gets no answer.
  std::optional<boost::json::value> id;
};

struct json_request {
  std::vector<json_call> calls;
  /// They came as an array: so do the answers.
  bool is_batch = false;
};

/// What is wrong with a single call is its fault; what is wrong with the whole is the fault of the only call, whose id
/// is null.
json_request read_json_request(std::string_view text);

/// The answer to one call.
boost::json::object to_json_response(const boost::json::value& id, const outcome& result);

} // namespace waybill::rpc
