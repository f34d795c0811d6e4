#pragma once

#include "gateway/limits/client_address.hpp"
#include "gateway/routes/router.hpp"

/// What every request passes on its way to the handler of its route, whichever door it came in by.
namespace waybill::http {

/// The problem of a request that is refused for this reason; counts it.
problem refused(http_metrics& metrics, refusal reason);

/// Whether the database cannot be reached for a request with this method.
bool has_store_problem(const gateway_services& services, verb method);

/// Charges the share of the caller, or of the address, for the route (null: for none), where `req.charge` is set.
/// Throws a problem with status 429 when it is used up.
void charge(context& ctx, const route* entry, const request& req, const ip_address& peer);

/// Finds the caller, sets `req.caller`, charges it, and asks its account where the route wants that. Throws a problem
/// when it may not.
task<void> identify(context& ctx, const route& entry, request& req, const ip_address& peer);

/// The answer of a plain route, if there is room for the request; its caller is known. Throws a problem.
task<response> carry_out(context& ctx, const route& entry, request& req);

/// Counts, traces and logs a request that was answered after `took`.
void record(context& ctx, const match& route, const request& req, unsigned status, clock::duration took);

} // namespace waybill::http
