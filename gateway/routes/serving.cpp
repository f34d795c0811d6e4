#include "gateway/routes/serving.hpp"

#include "domain/base/errors.hpp"
#include "domain/base/log.hpp"
#include "gateway/auth/account_check.hpp"
#include "gateway/auth/authentication.hpp"
#include "gateway/auth/page_check.hpp"
#include "gateway/context/request_charge.hpp"
#include "gateway/context/request_span.hpp"
#include "gateway/http/reading.hpp"
#include "gateway/routes/preconditions.hpp"

namespace waybill::http {

problem refused(http_metrics& metrics, refusal reason) {
  metrics.count(reason);
  return to_problem({reason == refusal::store ? ec::unavailable : ec::overloaded, {}});
}

bool has_store_problem(const gateway_services& services, verb method) {
  const bool only_reads = method == verb::get || method == verb::head;
  const auto& problem = only_reads || !services.write_problem ? services.store_problem : services.write_problem;
  return problem && !problem().empty();
}

void charge(context& ctx, const route* entry, const request& req, const ip_address& peer) {
  if (req.charge == nullptr)
    return;
  const auto which = entry ? rate_class_of(*entry) : rate_class::reads;
  if (entry && is_charged_by_address(*entry))
    req.charge->take_of_address(which);
  else
    req.charge->take(which, rate_key(req, peer, ctx.config()));
}

/// A caller with a valid token is charged by its id, all others by their address: also those with an invalid token,
/// which may be a guess.
task<void> identify(context& ctx, const route& entry, request& req, const ip_address& peer) {
  try {
    req.caller = co_await resolve_caller(ctx, req, rule_of(entry));
  } catch (const problem&) {
    charge(ctx, &entry, req, peer);
    throw;
  }
  charge(ctx, &entry, req, peer);
  // A link from anywhere may lead to a page, which does nothing by itself.
  if (has_effect(entry) && !(entry.has_page && accepts_html(req)))
    check_page(req, ctx.config());
  if (entry.asks_account)
    req.caller = co_await confirm_account(ctx, req, rule_of(entry));
}

task<response> carry_out(context& ctx, const route& entry, request& req) {
  const counted under_way{ctx.metrics().in_flight};
  if (entry.load == route_load::always)
    co_return co_await entry.answer(ctx, req);
  if (entry.load == route_load::work && has_store_problem(ctx.services(), req.method))
    throw refused(ctx.metrics(), refusal::store);
  request_permit permit{ctx.state().requests};
  if (!permit)
    throw refused(ctx.metrics(), refusal::in_flight);
  req.permit = &permit;
  if (req.method == verb::post)
    idempotency_key(req);
  co_await judge_conditions(ctx, req, entry);
  co_return co_await entry.answer(ctx, req);
}

void record(context& ctx, const match& route, const request& req, unsigned status, clock::duration took) {
  const auto name = route_name(route.index);
  const auto& tracer = ctx.services().tracer;
  ctx.metrics().count(route.index, name, status, took, tracer ? &tracer->exemplars() : nullptr,
                      req.span ? std::optional{req.span->trace} : std::nullopt);
  // Probes come all the time: they are traced for those only who ask for it.
  const bool is_probe = route.entry != nullptr && route.entry->load == route_load::always;
  if (req.span && (!is_probe || req.headers.has(field::traceparent)))
    end_span(*tracer, req, name, status, took);
  if (is_logged(log_level::debug))
    log_debug("request {} of {}: {} {} answered {} in {} us", req.request_id, req.client.to_string(), name, req.id,
              status, std::chrono::duration_cast<std::chrono::microseconds>(took).count());
}

} // namespace waybill::http
