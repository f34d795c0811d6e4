#include "domain/json/json_writer.hpp"
#include "gateway/metrics/metrics_text.hpp"
#include "gateway/routes/handlers.hpp"

#include <algorithm>

namespace waybill::http::routes::operations {

namespace {

constexpr milliseconds check_timeout{2'000};

void write_log_condition(json_writer& out, const log_condition& log) {
  out.key("log")
    .begin_object()
    .member("generation", log.generation)
    .member("oldest_unread_ms", log.oldest_unread.count())
    .member("oldest_transaction_ms", log.oldest_transaction.count());
  out.member("oldest_transaction", log.culprit);
  out.end_object();
}

void write_sources(json_writer& out, const std::vector<source_condition>& sources) {
  out.key("sources").begin_array();
  for (const auto& each : sources) {
    out.begin_object().member("source", each.source).member("connected", each.is_connected);
    if (!each.problem.empty())
      out.member("problem", each.problem);
    out.end_object();
  }
  out.end_array();
}

} // namespace

task<response> show_health(context&, const request&) {
  response result;
  result.body = R"({"status":"ok"})";
  co_return result;
}

task<response> show_readiness(context& ctx, const request& req) {
  readiness state;
  if (ctx.services().ready)
    state = ctx.services().ready();
  if (ctx.draining())
    state.missing.emplace_back("draining: this gateway is shutting down");
  if (ctx.services().store_problem) {
    const auto& services = ctx.services();
    const auto problem = services.write_problem ? services.write_problem() : services.store_problem();
    // First, because it may be why roles are missing.
    if (!problem.empty())
      state.missing.emplace(state.missing.begin(), problem);
  } else {
    const auto store = co_await ctx.ask_for<void>(ctx.services().reader, check_store{}, check_timeout);
    if (!store)
      state.missing.emplace_back("the database cannot be read now");
  }
  if (const auto& guards = ctx.services().guards; guards && !guards->all())
    state.missing.emplace_back("it is not known yet which functions judge orders");
  const bool ready = state.ready && state.missing.empty();
  json_writer out;
  out.begin_object().member("ready", ready).key("missing").begin_array();
  for (const auto& sentence : state.missing)
    out.text(sentence);
  out.end_array();
  // It needs no value.
  const bool verbose = std::ranges::any_of(req.query, [](const auto& pair) { return pair.first == "verbose"; });
  if (ctx.services().log && verbose)
    write_log_condition(out, ctx.services().log());
  // A broker that is away makes no node unready: HTTP is served as before.
  if (ctx.services().sources && verbose)
    write_sources(out, ctx.services().sources());
  response result;
  result.body = out.end_object().take();
  if (!ready) {
    result.status = 503;
    result.set("Retry-After", "1");
  }
  co_return result;
}

task<response> show_metrics(context& ctx, const request& req) {
  response result;
  ctx.metrics().requests_limit.value(static_cast<std::int64_t>(ctx.state().requests.limit()));
  const bool open = accepts_openmetrics(req);
  const auto format = open ? exposition::openmetrics : exposition::prometheus;
  const auto& tracer = ctx.services().tracer;
  result.body = metrics_text(ctx.system().metrics(), format, tracer ? &tracer->exemplars() : nullptr);
  result.content_type = open ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
                             : "text/plain; version=0.0.4; charset=utf-8";
  result.set("Vary", "Accept");
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
