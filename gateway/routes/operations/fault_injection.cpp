#include "gateway/http/reading.hpp"
#include "gateway/limits/limits.hpp"
#include "gateway/routes/handlers.hpp"

#include <boost/describe/enum_from_string.hpp>
#include <boost/describe/enum_to_string.hpp>

// Faults on purpose, for fault injection.

namespace waybill::http {

namespace {

fault_injector_actor fault_injector(worker& w, const request& req) {
  require_operator(req);
  auto* scenarios = w.services().scenarios;
  auto stage = scenarios ? scenarios->fault_injector() : fault_injector_actor{};
  if (!stage)
    throw problem{404, "not_found", "this node breaks nothing on purpose; start it with --chaos=on", {}, {}};
  return stage;
}

inject_fault read_fault(const request& req) {
  constexpr length word{1, 32};
  constexpr length id{1, 64};
  constexpr range time{1, 60'000};
  inject_fault wanted;
  const auto body = read_body(req);
  std::vector<field_error> errors;
  object_reader from{body, "", errors};
  const auto name = from.text("fault", word);
  if (!name.empty() && !boost::describe::enum_from_string(name.c_str(), wanted.fault))
    from.complain("fault", "must be kill_owner, database_away or rolling_restart");
  else if (wanted.fault == cluster_fault::kill_owner)
    wanted.order = from.text("order", id);
  else
    wanted.lasts_ms = static_cast<std::uint32_t>(from.integer("lasts_ms", time));
  from.finish();
  if (body.is_null())
    errors.push_back({"", "must be an object"});
  if (!errors.empty())
    throw invalid_fields(422, std::move(errors));
  return wanted;
}

/// `node` is who stages it: other gateways know nothing of it.
std::string write_fault(const injected_fault& what, const std::string& node) {
  json_writer out;
  out.begin_object().member("fault", boost::describe::enum_to_string(what.fault, "unknown")).member("node", node);
  out.member("status", what.running ? "running" : what.failed ? "failed" : "completed").key("steps").begin_array();
  for (const auto& step : what.steps)
    out.text(step);
  return out.end_array().end_object().take();
}

} // namespace

task<response> inject_one_fault(worker& w, const request& req) {
  const auto stage = fault_injector(w, req);
  auto wanted = read_fault(req);
  const auto begun = co_await w.command<injected_fault>(req, stage, std::move(wanted));
  response result;
  result.status = 202;
  result.body = write_fault(begun, w.services().node);
  result.set("Location", "/v1/chaos");
  co_return result;
}

task<response> show_injected_fault(worker& w, const request& req) {
  const auto stage = fault_injector(w, req);
  const auto last = co_await w.query<injected_fault>(req, stage, get_injected_fault{});
  response result;
  result.body = write_fault(last, w.services().node);
  co_return result;
}

} // namespace waybill::http
