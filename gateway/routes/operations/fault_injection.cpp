#include "gateway/http/field_limits.hpp"
#include "gateway/http/reading.hpp"
#include "gateway/routes/handlers.hpp"

#include <boost/describe/enum_from_string.hpp>
#include <boost/describe/enum_to_string.hpp>

// Faults on purpose, on nodes with --chaos=on.

namespace waybill::http::routes::fault_injection {

namespace {

fault_injector_actor fault_injector(context& ctx, const request& req) {
  require_operator(req);
  auto* scenarios = ctx.services().scenarios;
  auto injector = scenarios ? scenarios->fault_injector() : fault_injector_actor{};
  if (!injector)
    throw problem{404, "not_found", "this node injects no faults; start it with --chaos=on", {}, {}};
  return injector;
}

inject_fault read_fault(const request& req) {
  constexpr length word{1, 32};
  constexpr length id{1, 64};
  constexpr range time{1, 60'000};
  inject_fault command;
  const auto body = read_body(req);
  std::vector<field_error> errors;
  object_reader from{body, "", errors};
  const auto name = from.text("fault", word);
  if (!name.empty() && !boost::describe::enum_from_string(name.c_str(), command.fault))
    from.complain("fault", "must be kill_owner, database_away, rolling_restart or refuse_appends");
  else if (command.fault == cluster_fault::kill_owner)
    command.order = from.text("order", id);
  else
    command.lasts_ms = static_cast<std::uint32_t>(from.integer("lasts_ms", time));
  from.finish();
  require_valid(body, errors);
  return command;
}

/// `node` injects the fault: other gateways do not know about it.
std::string write_fault(const injected_fault& fault, const std::string& node) {
  json_writer out;
  out.begin_object().member("fault", boost::describe::enum_to_string(fault.fault, "unknown")).member("node", node);
  out.member("status", fault.running ? "running" : fault.failed ? "failed" : "completed").key("steps").begin_array();
  for (const auto& step : fault.steps)
    out.text(step);
  return out.end_array().end_object().take();
}

} // namespace

task<response> start(context& ctx, const request& req) {
  const auto injector = fault_injector(ctx, req);
  auto command = read_fault(req);
  const auto started = co_await ctx.command<injected_fault>(req, injector, std::move(command));
  response result;
  result.status = 202;
  result.body = write_fault(started, ctx.services().node);
  result.set("Location", "/v1/chaos");
  co_return result;
}

task<response> show(context& ctx, const request& req) {
  const auto injector = fault_injector(ctx, req);
  const auto last = co_await ctx.query<injected_fault>(req, injector, get_injected_fault{});
  response result;
  result.body = write_fault(last, ctx.services().node);
  co_return result;
}

} // namespace waybill::http::routes::fault_injection
