#include "domain/json/json_writer.hpp"
#include "gateway/context/prometheus.hpp"
#include "gateway/routes/handlers.hpp"

namespace waybill::http::routes::operations {

namespace {

constexpr milliseconds check_timeout{2'000};

} // namespace

task<response> show_health(context&, const request&) {
  response result;
  result.body = R"({"status":"ok"})";
  co_return result;
}

task<response> show_readiness(context& ctx, const request&) {
  readiness state;
  if (ctx.services().ready)
    state = ctx.services().ready();
  if (ctx.draining())
    state.missing.emplace_back("draining: this gateway is shutting down");
  if (ctx.services().store_problem) {
    if (const auto problem = ctx.services().store_problem(); !problem.empty())
      state.missing.emplace_back(problem);
  } else {
    const auto store = co_await ctx.ask_for<void>(ctx.services().reader, check_store{}, check_timeout);
    if (!store)
      state.missing.emplace_back("the database cannot be read now");
  }
  const bool ready = state.ready && state.missing.empty();
  json_writer out;
  out.begin_object().member("ready", ready).key("missing").begin_array();
  for (const auto& sentence : state.missing)
    out.text(sentence);
  response result;
  result.body = out.end_array().end_object().take();
  if (!ready) {
    result.status = 503;
    result.set("Retry-After", "1");
  }
  co_return result;
}

task<response> show_metrics(context& ctx, const request&) {
  response result;
  ctx.metrics().requests_limit.value(static_cast<std::int64_t>(ctx.state().requests.limit()));
  result.body = prometheus_text(ctx.system().metrics()) + process_metrics_text();
  result.content_type = "text/plain; version=0.0.4; charset=utf-8";
  co_return result;
}

task<response> show_version(context& ctx, const request&) {
  json_writer out;
  out.begin_object()
    .member("name", "waybill")
    .member("version", WAYBILL_VERSION)
    .member("protocol", protocol_version)
    .member("node", ctx.services().node)
    .end_object();
  response result;
  result.body = out.take();
  co_return result;
}

} // namespace waybill::http::routes::operations
