#pragma once

#include "doors/rpc/call.hpp"
#include "gateway/context/context.hpp"

#include <optional>
#include <string>

/// What the RPC methods about payments do. They throw a problem when they cannot.
namespace waybill::http::routes::rpc_door {

/// Pays an order that is paid later, with the card that came with it when there is no `token`. Of every other order
/// it charges nothing and tells how its payment stands. Waits for the provider until `wait_until`.
task<rpc::outcome> process_payment(context& ctx, const request& req, const std::string& order,
                                   const std::optional<std::string>& token, clock::time_point wait_until);

task<rpc::outcome> payment_status(context& ctx, const request& req, const std::string& order);

} // namespace waybill::http::routes::rpc_door
