#include "domain/base/json_writer.hpp"
#include "gateway/routes/handlers.hpp"
#include "gateway/routes/router.hpp"

namespace waybill::http {

namespace {

constexpr milliseconds check_timeout{2'000};

} // namespace

task<response> show_health(worker&, const request&) {
  response result;
  result.body = R"({"status":"ok"})";
  co_return result;
}

task<response> show_readiness(worker& w, const request&) {
  readiness state;
  if (w.services().ready)
    state = w.services().ready();
  if (w.draining())
    state.missing.emplace_back("draining: this gateway is going down");
  if (w.services().store_problem) {
    if (const auto problem = w.services().store_problem(); !problem.empty())
      state.missing.emplace_back(problem);
  } else {
    const auto store = co_await ask<void>(w.bridge_handle(), w.services().reader, check_timeout, check_store{});
    if (!store)
      state.missing.emplace_back("the database cannot be read now");
  }
  const bool ready = state.ready && state.missing.empty();
  json_writer out;
  out.begin_object().member("ready", ready).key("missing").begin_array();
  for (const auto& one : state.missing)
    out.text(one);
  response result;
  result.body = out.end_array().end_object().take();
  if (!ready) {
    result.status = 503;
    result.set("Retry-After", "1");
  }
  co_return result;
}

task<response> show_metrics(worker& w, const request&) {
  response result;
  result.body = w.metrics().text(route_name, w.parts().requests.limit());
  if (w.services().metrics_text)
    result.body += w.services().metrics_text();
  result.content_type = "text/plain; version=0.0.4; charset=utf-8";
  co_return result;
}

task<response> show_version(worker& w, const request&) {
  json_writer out;
  out.begin_object()
    .member("name", "waybill")
    .member("version", WAYBILL_VERSION)
    .member("protocol", protocol_version)
    .member("node", w.services().node)
    .end_object();
  response result;
  result.body = out.take();
  co_return result;
}

} // namespace waybill::http
